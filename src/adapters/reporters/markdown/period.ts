import type { ReportModel } from "../../../core/report/report-schema.ts";
import type { Page } from "./page.ts";

/** What happened in the period that the report was asked for. */
export function addPeriod(page: Page, { period }: ReportModel): void {
  if (period === null) return;
  const { words, from, to, figures, previous } = period;
  const before = previous === null ? undefined : previous.figures;
  page.table(
    `Period ${words}: from ${from} until before ${to}`,
    ["Figure", "In the period", previous === null ? "Before" : `From ${previous.from}`],
    Object.entries(figures).map(([name, value]) => [
      name,
      String(value),
      // `as`: both have the same figures.
      before === undefined ? "-" : String(before[name as keyof typeof figures]),
    ]),
    false,
  );
  page.table(
    "Due dates of the period",
    ["Credential", "Due", "Met", "Result", "Days late", "Policy", "Team"],
    period.dueDates.map(({ credential, dueAt, metAt, result, daysLate, policy, team }) => [
      credential,
      dueAt,
      metAt ?? "-",
      result,
      daysLate === null ? "-" : String(daysLate),
      policy ?? "-",
      team,
    ]),
  );
  page.table(
    "Rotations of the period",
    ["Credential", "Reason", "Opened", "Confirmed", "Old version ended", "Outcome", "Actor"],
    period.rotations.map(({ credential, reason, openedAt, confirmedAt, oldEndedAt, outcome, actor }) => [
      credential,
      reason,
      openedAt,
      confirmedAt ?? "-",
      oldEndedAt ?? "-",
      outcome,
      actor,
    ]),
  );
  page.table(
    "Compromises of the period",
    ["Credential", "Reported", "By", "Replaced", "Revoked", "In time", "Reason"],
    period.compromises.map(({ credential, reportedAt, by, replacedAt, revokedAt, inTime, reason }) => [
      credential,
      reportedAt,
      by,
      replacedAt ?? "-",
      revokedAt ?? "-",
      inTime === null ? "open" : inTime ? "yes" : "no",
      reason,
    ]),
  );
  page.table(
    "Exceptions of the period",
    ["Exception", "About", "From", "Until", "Requested by", "Approved by"],
    period.exceptions.map(({ id, about, startsAt, expiresAt, requestedBy, approvers }) => [
      id,
      about,
      startsAt,
      expiresAt,
      requestedBy,
      approvers.join(", ") || "-",
    ]),
  );
  page.table(
    "Changes of the period",
    ["Time", "Kind", "Name", "Change", "Author", "Approval", "Approved by", "Commit"],
    period.changes.map(({ time, kind, name, change, author, approval, approvers, commit }) => [
      time,
      kind,
      name,
      change,
      author,
      approval,
      approvers.join(", ") || "-",
      commit.slice(0, 12),
    ]),
  );
}
