import type { EvaluationReport } from "../../core/evaluate/published-schemas.ts";
import { worstExit } from "../../core/model/exit-code.ts";
import { counted } from "../../core/text/counted.ts";
import { percentText } from "../../core/text/percent.ts";
import type { Command } from "../command.ts";
import { chosen, failOn, json, lookFor, soundness, wantsJson } from "../looking.ts";
import { CLOCK, FAIL_ON, SELECTORS } from "../options.ts";
import { levelCell, stateCell } from "../state-style.ts";
import { renderTable, wrap } from "../table.ts";
import type { Terminal } from "../terminal.ts";

const COLUMNS = [
  { title: "name", shrinksTo: 16 },
  { title: "state" },
  { title: "level" },
  { title: "due" },
  { title: "days", alignRight: true },
  { title: "policy", shrinksTo: 9 },
  { title: "exception", shrinksTo: 9 },
] as const;

export const evaluate: Command = {
  name: "evaluate",
  group: "Look",
  summary: "States, due dates and findings of everything that is registered.",
  detail: [
    "Reads documents, the recorded state and a clock; asks no provider. The same documents, records and instant give the same bytes. Invalid documents are left out, listed on standard error, and make it exit 2.",
  ],
  args: [],
  options: [...SELECTORS, ...CLOCK, FAIL_ON],
  examples: [
    { line: "cre evaluate --fail-on critical", does: "Fail a pipeline on overdue credentials" },
    { line: "cre evaluate --as-of 2026-09-30", does: "How it stood at the end of the quarter" },
  ],
  run: async (invocation, context) => {
    const { evaluationReport } = await import("../../core/evaluate/evaluation-report.ts");
    const sight = await lookFor(invocation, context);
    const report = evaluationReport(sight.evaluation, await chosen(sight, invocation));
    const { terminal } = context;
    terminal.result(wantsJson(invocation) ? json(report) : reportText(report, terminal));
    return worstExit([soundness(sight), failOn(invocation, report.findings)]);
  },
};

function reportText(report: EvaluationReport, terminal: Terminal): string {
  const rows = report.credentials.map(({ name, state, level, dueAt, daysUntilDue, policy, exception }) => [
    name,
    stateCell(state),
    levelCell(level),
    dueAt?.slice(0, 10) ?? "-",
    daysUntilDue === null ? "-" : String(daysUntilDue),
    policy ?? "-",
    exception ?? "-",
  ]);
  const table = rows.length === 0 ? "No credential fits.\n" : renderTable(terminal, COLUMNS, rows);
  const findings = report.findings.map((finding) => findingLines(finding, terminal));
  return [table, ...findings, summaryLine(report)].join("\n");
}

function findingLines(finding: EvaluationReport["findings"][number], terminal: Terminal): string {
  const { level, code, credential, file, line, message, fix, waivedBy, fingerprint } = finding;
  const { text, style = "bold" } = levelCell(level);
  const title = [
    terminal.style(style, text),
    code,
    terminal.style("bold", credential ?? "(repository)"),
    ...(waivedBy === null ? [] : [`waived by ${waivedBy}`]),
  ];
  const place = file === null ? [] : [`${file}:${line}`];
  return [
    title.join(" "),
    wrap(message, terminal.width, "  "),
    wrap(`Fix: ${fix}`, terminal.width, "  "),
    terminal.style("dim", `  ${[...place, fingerprint].join(" ")}`),
    "",
  ].join("\n");
}

function summaryLine({ summary, asOf }: EvaluationReport): string {
  const { credentials, active, stale, expired, compromised, retired, compliance } = summary;
  return [
    `${counted(credentials, "credential")}: ${active} active, ${stale} stale, ${expired} expired, ${compromised} compromised, ${retired} retired.`,
    `Compliance ${percent(compliance.strict)} strict, ${percent(compliance.adjusted)} with exceptions, as of ${asOf}.`,
    "",
  ].join("\n");
}

function percent(value: number | null): string {
  return value === null ? "none" : percentText(value);
}
