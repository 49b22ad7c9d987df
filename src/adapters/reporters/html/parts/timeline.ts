import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { counted } from "../../../../core/text/counted.ts";
import { dateOf, html, type Markup, said } from "../markup.ts";
import { credentialLink, nothing, type Section } from "../section.ts";
import { table } from "../table.ts";

type Timeline = ReportModel["timeline"];

const TITLES: Readonly<Record<Timeline["spans"][number]["span"], string>> = {
  overdue: "Overdue",
  "0-30": "Within 30 days",
  "31-60": "31 to 60 days",
  "61-90": "61 to 90 days",
};

const DAYS = 90;
const COLUMN = 10;
const HEIGHT = 120;

/** What must be rotated within 90 days: in spans, day by day, and as a list. */
export function timelineSection({ timeline }: ReportModel): Section {
  const { spans, dueDates } = timeline;
  return {
    id: "timeline",
    title: "Upcoming rotations",
    count: dueDates.length,
    body: html`<ul class="spans">${spans.map(
      ({ span, credentials }) =>
        html`<li class="${span === "overdue" && credentials > 0 ? "late" : "span"}"><span>${TITLES[span]}</span><strong>${credentials}</strong></li>`,
    )}</ul>
${dueDates.length === 0 ? nothing("Nothing is due within 90 days.") : html`${chart(timeline)}${list(timeline)}`}`,
  };
}

function list({ dueDates }: Timeline): Markup {
  return html`<details><summary>List of due dates</summary>${table(
    [
      { title: "Credential", of: ({ credential }) => credentialLink(credential) },
      { title: "Due", of: ({ dueAt }) => dateOf(dueAt), isNumber: true },
      { title: "Days", of: ({ days }) => days, isNumber: true },
      { title: "Owner", of: ({ team }) => said(team) },
      { title: "Method", of: ({ method }) => method },
      { title: "Policy", of: ({ policy }) => policy ?? "–" },
      { title: "Exception", of: ({ exception }) => exception ?? "–" },
    ],
    dueDates,
    { caption: "Due dates, the earliest first", rest: "api/v1/timeline.json" },
    100,
  )}</details>`;
}

/** A column for each day; what is overdue stands in one before them. */
function chart({ spans, dueDates }: Timeline): Markup {
  const counts = Array.from({ length: DAYS + 1 }, () => 0);
  for (const { days, span } of dueDates) {
    if (span !== "overdue") counts[days] = (counts[days] ?? 0) + 1;
  }
  const overdue = spans.find(({ span }) => span === "overdue")?.credentials ?? 0;
  const most = Math.max(overdue, ...counts, 1);
  const tall = (count: number): number => (count === 0 ? 0 : Math.max((count / most) * HEIGHT, 6));
  const width = (DAYS + 4) * COLUMN;
  const words = spans.map(({ span, credentials }) => `${TITLES[span]}: ${credentials}`).join(", ");
  return html`<svg class="day-chart" viewBox="0 0 ${width} ${HEIGHT + 24}" role="img" aria-label="Rotations by due date. ${words}">
${[0, 30, 60, 90].map((day) => mark(day))}
${column(0, tall(overdue), "fill-bad", `${counted(overdue, "credential")} overdue`, 2)}
${counts.map((count, day) =>
  count === 0
    ? ""
    : column(
        day + 3,
        tall(count),
        day <= 30 ? "fill-warn" : "fill-plain",
        `${counted(count, "credential")} due in ${counted(day, "day")}`,
      ),
)}
<line class="rule" x1="0" x2="${width}" y1="${HEIGHT}" y2="${HEIGHT}"/>
</svg>`;
}

function column(at: number, height: number, tone: string, words: string, wide = 1): Markup {
  const y = (HEIGHT - height).toFixed(1);
  return html`<rect class="${tone}" x="${at * COLUMN + 1}" y="${y}" width="${wide * COLUMN - 2}" height="${height.toFixed(1)}" rx="1.5"><title>${words}</title></rect>`;
}

function mark(day: number): Markup {
  const x = (day + 3) * COLUMN;
  const label = day === 0 ? "today" : `+${day} days`;
  return html`<line class="tick" x1="${x}" x2="${x}" y1="0" y2="${HEIGHT}"/><text x="${x + 4}" y="${HEIGHT + 18}"${day === DAYS ? html` text-anchor="end"` : ""}>${label}</text>`;
}
