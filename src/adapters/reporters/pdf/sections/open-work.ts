import type { ReportModel } from "../../../../core/report/report-schema.ts";
import type { Draft } from "../draft.ts";
import { STATE_COLORS, STATUS_COLORS } from "../page/colors.ts";
import { moment } from "../page/moment.ts";
import { type Column, NAME, NOTE, table } from "../page/table.ts";

type Finding = ReportModel["findings"][number];
type Rotation = ReportModel["rotations"][number];
type Due = ReportModel["timeline"]["dueDates"][number];

const MOST = 300;

/** What is open: findings, rotations and what each waits for, incidents, holds, and what falls due next. */
export function openWorkPages({ sheet, headings, model }: Draft): void {
  headings.section("Findings and open work", {}, () => {
    list("Findings", FINDINGS, model.findings);
    list("Open rotations", ROTATIONS, model.rotations);
    list("Incidents", INCIDENTS, model.incidents);
    list("Holds in force", HOLDS, model.holds);
    list("Due within 90 days", DUE, model.timeline.dueDates);
  });

  function list<Row>(title: string, columns: readonly Column<Row>[], rows: readonly Row[]): void {
    headings.part(`${title} (${rows.length})`);
    if (rows.length > 0) return table(sheet, columns, rows, { most: MOST });
    sheet.paragraph("None.");
    sheet.gap(8);
  }
}

const LEVEL_COLORS: Readonly<Record<Finding["level"], string>> = {
  none: STATE_COLORS.retired,
  warning: STATE_COLORS.stale,
  critical: STATE_COLORS.expired,
  emergency: STATE_COLORS.compromised,
};

const FINDINGS: readonly Column<Finding>[] = [
  { title: "Level", share: 14, of: ({ level }) => [{ text: level, dot: LEVEL_COLORS[level] }] },
  {
    title: "Finding",
    share: 62,
    isHead: true,
    of: ({ credential, code, message, fix }) => [
      { text: `${credential ?? "(repository)"}: ${code}`, style: NAME },
      { text: message },
      { text: fix, style: NOTE },
    ],
  },
  {
    title: "Waived by",
    share: 24,
    of: ({ waivedBy, file, line, fingerprint }) => [
      { text: waivedBy ?? "nothing" },
      ...(file === null ? [] : [{ text: `${file}${line === null ? "" : `:${line}`}`, style: NOTE }]),
      { text: fingerprint, style: NOTE },
    ],
  },
];

const ROTATIONS: readonly Column<Rotation>[] = [
  {
    title: "Credential",
    share: 30,
    isHead: true,
    of: ({ credential, rotation, emergency }) => [
      { text: credential, style: NAME },
      { text: `${emergency ? "emergency, " : ""}${rotation ?? "no rotation"}`, style: NOTE },
    ],
  },
  {
    title: "Step",
    share: 16,
    of: ({ step, stands }) => [{ text: step ?? "none" }, { text: stands, style: NOTE }],
  },
  { title: "Since", share: 18, of: ({ since }) => moment(since) },
  {
    title: "Waits for",
    share: 40,
    of: ({ waitsFor, until, help }) => [
      { text: until === null ? waitsFor : `${waitsFor}, until ${until}` },
      ...help.map((text) => ({ text, style: NOTE })),
    ],
  },
];

const INCIDENTS: readonly Column<ReportModel["incidents"][number]>[] = [
  {
    title: "Credential",
    share: 30,
    isHead: true,
    of: ({ credential, id }) => [
      { text: credential, style: NAME },
      { text: id, style: NOTE },
    ],
  },
  { title: "At", share: 20, of: ({ at }) => moment(at) },
  { title: "Standing", share: 14, of: ({ standing }) => standing },
  { title: "By", share: 14, of: ({ by }) => by },
  { title: "Reason", share: 30, of: ({ reason }) => reason },
];

const HOLDS: readonly Column<ReportModel["holds"][number]>[] = [
  { title: "Hold", share: 22, isHead: true, of: ({ id }) => [{ text: id, style: NAME }] },
  { title: "Covers", share: 24, of: ({ covers }) => covers },
  { title: "Until", share: 20, of: ({ until }) => moment(until, "people are done") },
  { title: "By", share: 14, of: ({ by }) => by ?? "a document" },
  { title: "Reason", share: 28, of: ({ reason }) => reason },
];

const DUE: readonly Column<Due>[] = [
  {
    title: "Credential",
    share: 34,
    isHead: true,
    of: ({ credential, team, service }) => [
      { text: credential, style: NAME },
      { text: `${team}, ${service}`, style: NOTE },
    ],
  },
  {
    title: "Due",
    share: 24,
    of: ({ dueAt, span }) =>
      span === "overdue" ? [{ text: dueAt, dot: STATUS_COLORS.fail }] : [{ text: dueAt }],
  },
  { title: "Days", share: 10, align: "right", of: ({ days }) => String(days) },
  { title: "Method", share: 14, of: ({ method }) => method },
  {
    title: "Policy",
    share: 24,
    of: ({ policy, exception }) => [
      { text: policy ?? "none" },
      ...(exception === null ? [] : [{ text: `exception ${exception}`, style: NOTE }]),
    ],
  },
];
