import type { RunReport } from "../app/acting.ts";
import type { EvaluationReport } from "../core/evaluate/published-schemas.ts";
import { percentText } from "../core/text/percent.ts";
import { type SummaryTable, summaryTables } from "./summary-page.ts";

/** What a command with effects did, as Markdown: what needs a person first, what went well folded. */
export function actingMarkdown(report: RunReport, evaluation: EvaluationReport | undefined): string {
  const { lines, problems } = report;
  const linesOf = (level: string): string[][] =>
    lines
      .filter((line) => line.level === level)
      .map(({ credential, text }) => [credential ?? "-", withoutName(text, credential)]);
  const held = heldBack(report);
  const waiting = held.filter(({ action }) => action !== "refuse");
  const columns = ["Credential", "What"];
  const tables: readonly SummaryTable[] = [
    {
      title: "Needs a person",
      columns,
      rows: [
        ...linesOf("error"),
        ...held
          .filter(({ action }) => action === "refuse")
          .map(({ credential, reason }) => [credential, reason]),
      ],
    },
    {
      title: "Problems in documents",
      columns: ["Place", "Problem", "Fix"],
      rows: problems.map(({ file, line, message, fix }) => [`${file}:${line}`, message, fix]),
    },
    { title: "Warnings", columns, rows: linesOf("warning") },
    { title: "Done", columns, rows: linesOf("info") },
    {
      title: "Waits",
      columns: ["Credential", "Plan", "Why", "Not before"],
      rows: waiting.map(({ credential, action, reason, notBefore }) => [
        credential,
        action,
        reason,
        notBefore ?? "-",
      ]),
      isFolded: true,
    },
  ];
  return summaryTables(tables, evaluation === undefined ? "" : standingMarkdown(evaluation));
}

/** The same for the log. */
export function actingText(report: RunReport): readonly string[] {
  return [
    ...report.lines.map(({ text }) => text),
    ...heldBack(report).map(({ credential, action, reason, notBefore }) => {
      const until = notBefore === null ? "" : `, until ${notBefore}`;
      return `${credential}: ${action}: ${reason}${until}`;
    }),
  ];
}

/** Lines begin with their credential, which has a column of its own here. */
function withoutName(text: string, credential: string | undefined): string {
  return credential !== undefined && text.startsWith(`${credential}: `)
    ? text.slice(credential.length + 2)
    : text;
}

/** What the plan holds that no line speaks of. */
function heldBack({ lines, plan }: RunReport): RunReport["plan"] {
  const told = new Set(lines.flatMap(({ credential }) => credential ?? []));
  return plan.filter(({ credential }) => !told.has(credential));
}

/** Numbers only: nothing of them is anybody's text. */
function standingMarkdown({ asOf, summary }: EvaluationReport): string {
  const { credentials, active, stale, expired, compromised, retired, compliance } = summary;
  const cells = [credentials, active, stale, expired, compromised, retired];
  return [
    "| Credentials | Active | Stale | Expired | Compromised | Retired | Strict | With exceptions |",
    `|${" ---: |".repeat(8)}`,
    `| ${[...cells, percent(compliance.strict), percent(compliance.adjusted)].join(" | ")} |`,
    "",
    `As of ${asOf}.`,
    "",
  ].join("\n");
}

function percent(value: number | null): string {
  return value === null ? "none" : percentText(value);
}
