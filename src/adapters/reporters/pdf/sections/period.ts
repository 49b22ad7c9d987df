import type { PeriodFigures, PeriodRows } from "../../../../core/report/history-schema.ts";
import { counted } from "../../../../core/text/counted.ts";
import type { Draft } from "../draft.ts";
import { STATE_COLORS, STATUS_COLORS } from "../page/colors.ts";
import { moment } from "../page/moment.ts";
import { type Column, NAME, NOTE, table } from "../page/table.ts";

const MOST = 300;
const REST = { most: MOST, rest: "report.json and the CSV files have them all" };

interface FigureRow {
  readonly name: string;
  readonly now: number;
  readonly before: number | undefined;
}

const FIGURES: Readonly<Record<keyof PeriodFigures, string>> = {
  due: "Due dates that fell into the period",
  onTime: "Due dates met on time",
  late: "Due dates met late",
  unmet: "Due dates not met when it ended",
  rotationsCompleted: "Rotations completed",
  rotationsFailed: "Rotations that failed",
  rotationsOpen: "Rotations open at its end",
  compromises: "Compromises reported",
  compromisesInTime: "Compromises revoked in time",
  exceptions: "Exceptions open at any time in it",
  changes: "Changes of policies, exceptions and scope",
  changesApproved: "Changes approved by another person",
};

/** What happened in the period, also to credentials that are retired or gone since. */
export function periodActivity({ sheet, headings, model }: Draft): void {
  const { period } = model;
  if (period === null) return;
  headings.section("Period activity", {}, () => {
    const { previous } = period;
    sheet.paragraph(
      `${period.words}: from ${period.from} until before ${period.to}. ${
        previous === null
          ? "The history does not reach back to a period of the same length before it."
          : `Before it: from ${previous.from} until before ${previous.to}.`
      }`,
    );
    sheet.gap(8);
    table(sheet, FIGURE_COLUMNS, figureRows(period));
    list("Due dates", DUE_DATES, period.dueDates);
    list("Rotations", ROTATIONS, period.rotations);
    list("Compromises", COMPROMISES, period.compromises);
    list("Exceptions", EXCEPTIONS, period.exceptions);
    list("Changes", CHANGES, period.changes);
  });

  function list<Row>(title: string, columns: readonly Column<Row>[], rows: readonly Row[]): void {
    headings.part(`${title} (${rows.length})`);
    if (rows.length > 0) table(sheet, columns, rows, REST);
    else sheet.paragraph("None in this period.");
    if (rows.length === 0) sheet.gap(8);
  }
}

function figureRows({ figures, previous }: PeriodRows): readonly FigureRow[] {
  // `as`: the keys of a record that the compiler knows to be complete.
  const names = Object.keys(FIGURES) as (keyof PeriodFigures)[];
  return names.map((key) => ({ name: FIGURES[key], now: figures[key], before: previous?.figures[key] }));
}

const FIGURE_COLUMNS: readonly Column<FigureRow>[] = [
  { title: "Figure", share: 60, isHead: true, of: ({ name }) => name },
  { title: "This period", share: 20, align: "right", of: ({ now }) => String(now) },
  {
    title: "The period before",
    share: 20,
    align: "right",
    of: ({ before }) => (before === undefined ? "unknown" : String(before)),
  },
];

const RESULT_COLORS = {
  "on-time": STATUS_COLORS.pass,
  late: STATUS_COLORS.exception,
  unmet: STATUS_COLORS.fail,
  open: STATE_COLORS.retired,
} as const;

const DUE_DATES: readonly Column<PeriodRows["dueDates"][number]>[] = [
  {
    title: "Credential",
    share: 32,
    isHead: true,
    of: ({ credential, gone, service, team }) => [
      { text: credential, style: NAME },
      { text: `${team}, ${service}${gone ? "; retired or gone since" : ""}`, style: NOTE },
    ],
  },
  { title: "Policy", share: 18, of: ({ policy }) => policy ?? "none" },
  { title: "Due", share: 18, of: ({ dueAt }) => moment(dueAt) },
  { title: "Met", share: 18, of: ({ metAt }) => moment(metAt, "not yet") },
  {
    title: "Result",
    share: 16,
    of: ({ result, daysLate }) => [
      { text: result.replace("-", " "), dot: RESULT_COLORS[result] },
      ...(daysLate === null ? [] : [{ text: `${counted(daysLate, "day")} late`, style: NOTE }]),
    ],
  },
];

const ROTATIONS: readonly Column<PeriodRows["rotations"][number]>[] = [
  {
    title: "Credential",
    share: 34,
    isHead: true,
    of: ({ credential, id }) => [
      { text: credential, style: NAME },
      { text: id, style: NOTE },
    ],
  },
  {
    title: "Reason",
    share: 18,
    of: ({ reason, emergency, actor }) => [
      { text: emergency ? `${reason}, emergency` : reason },
      { text: `by ${actor}`, style: NOTE },
    ],
  },
  { title: "Opened", share: 18, of: ({ openedAt }) => moment(openedAt) },
  { title: "Proven in use", share: 18, of: ({ confirmedAt }) => moment(confirmedAt, "not yet") },
  { title: "Old one dead", share: 18, of: ({ oldEndedAt }) => moment(oldEndedAt, "not yet") },
  { title: "Outcome", share: 12, of: ({ outcome }) => outcome },
];

const COMPROMISES: readonly Column<PeriodRows["compromises"][number]>[] = [
  {
    title: "Credential",
    share: 26,
    isHead: true,
    of: ({ credential, reason, by }) => [
      { text: credential, style: NAME },
      { text: `reported by ${by}: ${reason}`, style: NOTE },
    ],
  },
  { title: "Reported", share: 18, of: ({ reportedAt }) => moment(reportedAt) },
  { title: "Replaced", share: 18, of: ({ replacedAt }) => moment(replacedAt, "not yet") },
  { title: "Revoked", share: 18, of: ({ revokedAt }) => moment(revokedAt, "not yet") },
  {
    title: "In time",
    share: 16,
    of: ({ inTime, withinSeconds }) => [
      { text: inTime === null ? "still open" : inTime ? "yes" : "no" },
      { text: `within ${counted(Math.round(withinSeconds / 360) / 10, "hour")}`, style: NOTE },
    ],
  },
];

const EXCEPTIONS: readonly Column<PeriodRows["exceptions"][number]>[] = [
  {
    title: "Exception",
    share: 42,
    isHead: true,
    of: ({ id, about, justification }) => [
      { text: id, style: NAME },
      { text: `${about}: ${justification}`, style: NOTE },
    ],
  },
  { title: "From", share: 18, of: ({ startsAt }) => moment(startsAt) },
  { title: "Until", share: 18, of: ({ expiresAt }) => moment(expiresAt) },
  { title: "Requested by", share: 13, of: ({ requestedBy }) => requestedBy },
  { title: "Approved by", share: 13, of: ({ approvers }) => approvers.join(", ") || "nobody" },
];

const CHANGES: readonly Column<PeriodRows["changes"][number]>[] = [
  {
    title: "Document",
    share: 28,
    isHead: true,
    of: ({ kind, name, change }) => [
      { text: name, style: NAME },
      { text: `${kind} ${change}`, style: NOTE },
    ],
  },
  { title: "When", share: 15, of: ({ time }) => moment(time) },
  { title: "Commit", share: 27, of: ({ commit }) => [{ text: commit, style: NOTE }] },
  { title: "Author", share: 18, of: ({ author }) => author },
  {
    title: "Approved by",
    share: 20,
    of: ({ approval, approvers }) => [
      { text: approvers.join(", ") || "nobody" },
      { text: approval.replace("-", " "), style: NOTE },
    ],
  },
];
