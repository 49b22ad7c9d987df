import {
  causesText,
  comingsAndGoings,
  dayText,
  fractionText,
  holdNote,
  moveText,
  standingText,
  toldStandings,
} from "../app/looking/impact-words.ts";
import type { ImpactReport } from "../core/impact/impact-report.ts";
import { actionCell, levelCell } from "./state-style.ts";
import { type Cell, type Column, renderTable, wrap } from "./table.ts";
import type { Terminal } from "./terminal.ts";

type Rows = readonly (readonly (Cell | string)[])[];

const WHY: Column = { title: "why", shrinksTo: 20, wraps: true };
const CREDENTIAL: Column = { title: "credential", shrinksTo: 18 };

/** The report for a terminal: the worst first. */
export function impactText(report: ImpactReport, terminal: Terminal): string {
  const section = (title: string, columns: readonly Column[], rows: Rows): readonly string[] =>
    rows.length === 0 ? [] : [`${terminal.style("bold", title)}\n${renderTable(terminal, columns, rows)}`];
  const note = holdNote(report);
  return [
    `${terminal.style("bold", report.headline)}\n`,
    ...section(
      "High-risk changes",
      [{ title: "where", shrinksTo: 16 }, { title: "what" }, WHY],
      report.risks.map(({ file, line, kind, name, message }) => [
        `${file}:${line}`,
        { text: `${kind} ${name}`, style: "red" as const },
        message,
      ]),
    ),
    ...(note === undefined ? [] : [`${wrap(note, terminal.width)}\n`]),
    complianceLines(report),
    ...section(
      "Credentials that count differently",
      [CREDENTIAL, { title: "before" }, { title: "after" }, WHY],
      toldStandings(report).map(({ credential, before, after, exception, causes }) => [
        credential,
        standingText(before),
        after === "failing" ? { text: "failing", style: "red" as const } : standingText(after),
        exception === null ? causesText(causes) : `the exception ${exception}, once approved`,
      ]),
    ),
    ...section(
      "Due dates that move",
      [CREDENTIAL, { title: "before" }, { title: "after" }, { title: "moves" }, WHY],
      report.dueDates.map((move) => [
        move.credential,
        dayText(move.before),
        dayText(move.after),
        move.loosening ? { text: moveText(move), style: "yellow" as const } : moveText(move),
        causesText(move.causes),
      ]),
    ),
    ...section(
      "Rotations that the next run starts",
      [CREDENTIAL, { title: "action" }, WHY],
      report.rotations.follow.map(({ credential, action, reason }) => [
        credential,
        actionCell(action),
        reason,
      ]),
    ),
    ...section(
      "Rotations that it no longer starts",
      [CREDENTIAL, { title: "action" }, { ...WHY, title: "why not" }],
      report.rotations.noLonger.map(({ credential, action, reason }) => [credential, action, reason]),
    ),
    ...section(
      "What comes and goes",
      [CREDENTIAL, { title: "where", shrinksTo: 16 }, { ...WHY, title: "change" }],
      comingsAndGoings(report).map(({ credential, what, place }) => [credential, place || "-", what]),
    ),
    ...section("Findings that appear", FINDINGS, findingRows(report.findings.appeared)),
    ...section("Findings that go away", FINDINGS, findingRows(report.findings.vanished)),
  ].join("\n");
}

const FINDINGS: readonly Column[] = [
  { title: "level" },
  { title: "finding", shrinksTo: 12 },
  { ...WHY, title: "what" },
];

function findingRows(found: ImpactReport["findings"]["appeared"]): Rows {
  return found.map(({ level, code, message }) => [levelCell(level), code, message]);
}

function complianceLines({ compliance: { before, after } }: ImpactReport): string {
  const line = (title: string, count: "strict" | "adjusted"): string => {
    const [old, now] = [fractionText(before[count], before), fractionText(after[count], after)];
    return `${title}: ${old === now ? `${now}, as before` : `${old} → ${now}`}\n`;
  };
  return line("Compliance, strict", "strict") + line("Compliance, with exceptions", "adjusted");
}
