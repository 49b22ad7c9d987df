import { ratioText } from "../../../../core/report/ratio-text.ts";
import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { counted } from "../../../../core/text/counted.ts";
import { dueBars } from "../charts/due-bars.ts";
import { ratioPanel } from "../charts/ratio-panel.ts";
import { stateBar } from "../charts/state-bar.ts";
import { trendChart } from "../charts/trend-chart.ts";
import type { Draft } from "../draft.ts";
import { COLORS } from "../page/colors.ts";
import { BODY, type Sheet, SMALL } from "../page/sheet.ts";
import { type Column, NAME, table } from "../page/table.ts";

type Group = ReportModel["scorecard"]["types"][number];

const CHART = 128;
const PANEL = 112;
const APART = 18;
const MOST_GROUPS = 15;

/** One page for whoever decides: how things stand, where they go, what needs somebody. */
export function summary(draft: Draft): void {
  const { sheet, headings, model } = draft;
  headings.section("Management summary", { onNewPage: true }, () => {
    const { scorecard, timeline, trend } = model;
    const { strict, adjusted } = scorecard;
    sheet.paragraph(
      strict.fraction === null
        ? "There is no credential in use: nothing was there to measure."
        : `Of the credentials in use, ${ratioText(strict)} are inside their policy; ${ratioText(adjusted)} when exceptions in force count as well. Retired credentials are outside of both.`,
      { ...BODY, size: 10.5, leading: 15.5 },
    );
    sheet.gap(10);
    const width = (sheet.width - APART) / 2;
    const left = { x: sheet.left, y: sheet.y, width, height: PANEL };
    ratioPanel(sheet, left, {
      title: "Strict",
      ratio: strict,
      note: "Inside their policy; exceptions count as failures.",
    });
    ratioPanel(
      sheet,
      { ...left, x: left.x + width + APART },
      { title: "Adjusted", ratio: adjusted, note: "Also those whose overdue rotation an exception waives." },
    );
    sheet.y += PANEL + 16;
    headings.minor("Credentials by state");
    sheet.gap(4);
    stateBar(sheet, scorecard.states);
    sheet.gap(8);
    charts(sheet, width, trend, timeline.spans);
    headings.minor("What needs somebody");
    for (const text of needs(model)) bullet(sheet, text);
    sheet.gap(14);
    groups(draft, "By type", "Type", scorecard.types);
    groups(draft, "By team", "Team", scorecard.teams);
    groups(draft, "By service", "Service", scorecard.services);
  });
}

function charts(
  sheet: Sheet,
  width: number,
  trend: ReportModel["trend"],
  spans: ReportModel["timeline"]["spans"],
): void {
  sheet.need(CHART + 36);
  const right = sheet.left + width + APART;
  const title = { ...BODY, size: 10, weight: 600 as const };
  const top = sheet.y;
  const box = { x: sheet.left, y: top + 20, width, height: CHART };
  sheet.tags.content("H3", () => sheet.drawLine("Trend", { x: sheet.left, y: top }, title));
  if (trend.length < 2) {
    sheet.y = box.y;
    sheet.paragraph("There is nothing older to compare with.", SMALL, { left: sheet.left, width });
  } else {
    trendChart(sheet, box, trend);
  }
  sheet.tags.content("H3", () => sheet.drawLine("Due dates", { x: right, y: top }, title));
  dueBars(sheet, { ...box, x: right }, spans);
  sheet.y = box.y + CHART + 14;
}

/** In the order in which somebody should look. */
function needs({
  scorecard,
  rotations,
  findings,
  incidents,
  health,
  discovery,
  period,
}: ReportModel): readonly string[] {
  const { states } = scorecard;
  const parked = rotations.filter(({ stands }) => stands === "parked").length;
  const open = incidents.filter(({ standing }) => standing === "open").length;
  const unwaived = findings.filter(({ waivedBy }) => waivedBy === null);
  const grave = unwaived.filter(({ level }) => level === "critical" || level === "emergency").length;
  const unmanaged = discovery?.unmanaged.filter(({ waivedBy }) => waivedBy === null).length ?? 0;
  const items: readonly (readonly [boolean, string])[] = [
    [health.chain.verdict === "broken", "The audit chain is broken: records may have been changed."],
    [open > 0, `${counted(open, "incident")} in which a version from before may still be alive.`],
    [states.compromised > 0, `${counted(states.compromised, "compromised credential")}.`],
    [states.expired > 0, `${counted(states.expired, "expired credential")}: past the due date.`],
    [parked > 0, `${counted(parked, "rotation")} parked: each needs a person.`],
    [
      period !== null && period.figures.unmet > 0,
      `${counted(period?.figures.unmet ?? 0, "due date")} of the period not met when it ended.`,
    ],
    [unmanaged > 0, `${counted(unmanaged, "credential")} that sources show and nobody registered.`],
    [health.late, "The schedule does not run: facts of providers may be old."],
    [states.stale > 0, `${counted(states.stale, "stale credential")}: the due date is near.`],
    [
      unwaived.length > 0,
      `${counted(unwaived.length, "finding")} without an exception, ${grave} of them critical or worse.`,
    ],
  ];
  const texts = items.filter(([holds]) => holds).map(([, text]) => text);
  return texts.length === 0 ? ["Nothing."] : texts;
}

function bullet(sheet: Sheet, text: string): void {
  sheet.need(BODY.leading);
  const { left: x, y } = sheet;
  sheet.tags.decoration(() => sheet.ink.dot({ x: x + 4, y: y + 6.5 }, 1.6, COLORS.accent));
  sheet.paragraph(text, BODY, { left: x + 14, width: sheet.width - 14 });
}

/** The worst first: those with most credentials outside of their policy. */
function groups({ sheet, headings }: Draft, title: string, of: string, all: readonly Group[]): void {
  if (all.length === 0) return;
  const columns: readonly Column<Group>[] = [
    { title: of, share: 34, isHead: true, of: ({ value }) => [{ text: value, style: NAME }] },
    { title: "Credentials", share: 14, align: "right", of: ({ credentials }) => String(credentials) },
    { title: "Strict", share: 26, align: "right", of: ({ strict }) => ratioText(strict) },
    { title: "With exceptions", share: 26, align: "right", of: ({ adjusted }) => ratioText(adjusted) },
  ];
  const outside = ({ strict }: Group): number => strict.denominator - strict.numerator;
  headings.part(title);
  table(
    sheet,
    columns,
    all.toSorted((a, b) => outside(b) - outside(a)),
    {
      most: MOST_GROUPS,
      rest: "report.json has them all",
    },
  );
}
