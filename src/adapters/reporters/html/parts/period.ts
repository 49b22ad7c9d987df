import type { PeriodFigures, PeriodRows } from "../../../../core/report/history-schema.ts";
import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { badge } from "../badges.ts";
import { dateOf, html, type Markup, said, timeOf } from "../markup.ts";
import { credentialLink, nothing, type Section } from "../section.ts";
import { table } from "../table.ts";

const FIGURES: Readonly<Partial<Record<keyof PeriodFigures, string>>> = {
  due: "Rotations due",
  onTime: "On time",
  late: "Late",
  unmet: "Not met",
  rotationsCompleted: "Rotations completed",
  rotationsFailed: "Rotations failed",
  rotationsOpen: "Rotations open at the end",
  compromises: "Compromises",
  compromisesInTime: "Compromises ended in time",
  exceptions: "Exceptions in force",
  changes: "Changes",
  changesApproved: "Changes approved",
};

const REST = "api/v1/period.json";

/** What was due in a period and what was done, against the period before. */
export function periodSection({ period }: ReportModel): Section {
  return {
    id: "period",
    title: "Period",
    body:
      period === null
        ? nothing("This report is of an instant alone: `cre report --period 2026-Q3` adds a period.")
        : html`${figures(period)}${dueDates(period)}${compromises(period)}`,
  };
}

function figures({ words, from, to, figures, previous }: PeriodRows): Markup {
  const before = previous?.figures;
  return html`<p class="hint"><b>${words}</b>: from ${timeOf(from)} to ${timeOf(to)} (exclusive). ${
    previous === null
      ? html`The records do not reach back to the period before it.`
      : html`Before it: ${dateOf(previous.from)} to ${dateOf(previous.to)}.`
  }</p>
<ul class="figures">${namesIn(figures).map(
    ([key, title]) =>
      html`<li><span>${title}</span><strong>${figures[key]}</strong>${
        before === undefined ? "" : html`<small>before: ${before[key]}</small>`
      }</li>`,
  )}</ul>`;
}

function namesIn(figures: PeriodFigures): readonly (readonly [keyof PeriodFigures, string])[] {
  // `as`: the keys of a record by that type.
  const keys = Object.keys(FIGURES) as (keyof PeriodFigures)[];
  return keys.flatMap((key) => (key in figures ? [[key, FIGURES[key] ?? key] as const] : []));
}

const ORDER = ["unmet", "late", "open", "on-time"];

function dueDates({ dueDates }: PeriodRows): Markup {
  if (dueDates.length === 0) return nothing("No due date fell into the period.");
  return table(
    [
      {
        title: "Credential",
        of: ({ credential, gone }) =>
          gone ? html`${credential} <span class="soft">gone since</span>` : credentialLink(credential),
      },
      { title: "Due", of: ({ dueAt }) => dateOf(dueAt), isNumber: true },
      { title: "Met", of: ({ metAt }) => dateOf(metAt), isNumber: true },
      { title: "Result", of: ({ result }) => badge(result) },
      { title: "Days late", of: ({ daysLate }) => daysLate ?? "–", isNumber: true },
      { title: "Owner", of: ({ team }) => said(team) },
      { title: "Policy", of: ({ policy }) => policy ?? "–" },
    ],
    dueDates.toSorted((a, b) => ORDER.indexOf(a.result) - ORDER.indexOf(b.result)),
    { caption: "Due dates of the period, those that were not met first", rest: REST },
  );
}

function compromises({ compromises }: PeriodRows): Markup {
  if (compromises.length === 0) return html``;
  return table(
    [
      { title: "Credential", of: ({ credential }) => credentialLink(credential) },
      { title: "Reported", of: ({ reportedAt }) => timeOf(reportedAt), isNumber: true },
      { title: "Replaced", of: ({ replacedAt }) => timeOf(replacedAt), isNumber: true },
      { title: "Old version dead", of: ({ revokedAt }) => timeOf(revokedAt), isNumber: true },
      { title: "In time", of: ({ inTime }) => (inTime === null ? "–" : inTime ? "yes" : "no") },
      { title: "Reason", of: ({ reason }) => said(reason) },
    ],
    compromises,
    { caption: "Compromises of the period", rest: REST },
  );
}
