import { compareKeys } from "../../../../core/evaluate/order.ts";
import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { counted } from "../../../../core/text/counted.ts";
import type { Draft } from "../draft.ts";
import { STATUS_COLORS } from "../page/colors.ts";
import { type Column, NAME, NOTE, table } from "../page/table.ts";

type Exception = ReportModel["exceptions"][number];

const MOST = 500;
/** Those that ended come first: what they waived is not waived any more. */
const PHASES = ["expired", "running", "future"] as const;

/** Every exception: what it waives, why, who asked for it and who approved it. */
export function exceptionsRegister({ sheet, headings, model }: Draft): void {
  headings.section("Exceptions register", {}, () => {
    const { exceptions } = model;
    if (exceptions.length === 0) {
      sheet.paragraph("There are no exceptions.");
      return;
    }
    sheet.paragraph(
      `${counted(exceptions.length, "exception")}; those that ended first. Only one that counts makes a difference between strict and adjusted.`,
    );
    sheet.gap(8);
    const rows = exceptions.toSorted((a, b) => compareKeys(keyOf(a), keyOf(b)));
    table(sheet, COLUMNS, rows, { most: MOST, rest: "csv/exceptions.csv has the whole register" });
  });
}

function keyOf({ phase, expiresAt, name }: Exception): string[] {
  return [String(PHASES.indexOf(phase)), expiresAt, name];
}

const COLUMNS: readonly Column<Exception>[] = [
  {
    title: "Exception",
    share: 47,
    isHead: true,
    of: ({ name, about, justification, compensatingControls, file, line }) => [
      { text: name, style: NAME },
      { text: `${about}: ${justification}` },
      ...(compensatingControls === null
        ? []
        : [{ text: `Compensating controls: ${compensatingControls}`, style: NOTE }]),
      { text: `${file}:${line}`, style: NOTE },
    ],
  },
  {
    title: "Covers",
    share: 14,
    of: ({ covers, waives }) => [
      { text: counted(covers, "credential") },
      { text: `waives ${counted(waives, "finding")}`, style: NOTE },
    ],
  },
  {
    title: "From, until",
    share: 16,
    of: ({ startsAt, expiresAt, phase }) => [
      { text: startsAt.slice(0, 10) },
      { text: expiresAt.slice(0, 10) },
      { text: phase, style: NOTE },
    ],
  },
  {
    title: "Counts",
    share: 20,
    of: ({ counts, why }) => [
      { text: counts ? "yes" : "no", dot: counts ? STATUS_COLORS.pass : STATUS_COLORS.fail },
      { text: why, style: NOTE },
    ],
  },
  {
    title: "Requested, approved",
    share: 21,
    of: ({ requestedBy, approvers, declaredApprover, approvedAt, change }) => [
      { text: `by ${requestedBy}` },
      ...approvalOf(approvers, declaredApprover),
      ...(approvedAt === null ? [] : [{ text: approvedAt, style: NOTE }]),
      ...(change === null ? [] : [{ text: change, style: NOTE }]),
    ],
  },
];

function approvalOf(approvers: readonly string[], declared: string | null) {
  if (approvers.length > 0) return [{ text: `approved by ${approvers.join(", ")}` }];
  if (declared === null) return [{ text: "approved by nobody" }];
  return [{ text: `approved by ${declared}` }, { text: "as the document says", style: NOTE }];
}
