import { ratioText } from "../../../../core/report/ratio-text.ts";
import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { percentText } from "../../../../core/text/percent.ts";
import { COLORS } from "../page/colors.ts";
import type { Box, Place } from "../page/ink.ts";
import { type Sheet, SMALL } from "../page/sheet.ts";

type Point = ReportModel["trend"][number];
type Which = "strict" | "adjusted";

const LINES: Readonly<Record<Which, string>> = { strict: COLORS.brand, adjusted: COLORS.accent };
const LABELS = 30;
const RIGHT = 44;

/** Strict and adjusted over time, each point where its instant lies; points without population are left out. */
export function trendChart(sheet: Sheet, box: Box, trend: readonly Point[]): void {
  const told = trend.map(
    ({ at, strict, adjusted }) =>
      `${at.slice(0, 10)} ${ratioText(strict)} strict, ${ratioText(adjusted)} with exceptions`,
  );
  sheet.tags.content("Figure", () => draw(sheet, box, trend), { alt: `Trend: ${told.join("; ")}.` });
}

function draw(sheet: Sheet, box: Box, trend: readonly Point[]): void {
  const { ink } = sheet;
  const area = {
    x: box.x + LABELS,
    y: box.y + 6,
    width: box.width - LABELS - RIGHT,
    height: box.height - 26,
  };
  for (const percent of [0, 50, 100]) {
    const y = area.y + area.height * (1 - percent / 100);
    ink.line({ x: area.x, y }, { x: area.x + area.width, y }, COLORS.faint);
    sheet.drawLine(`${percent} %`, { x: area.x - 5, y: y - 5.5 }, SMALL, "right");
  }
  const [first, last] = [trend[0], trend.at(-1)];
  if (first === undefined || last === undefined) return;
  const from = Date.parse(first.at);
  const span = Math.max(1, Date.parse(last.at) - from);
  const placeOf = (point: Point, which: Which): Place => ({
    x: area.x + (area.width * (Date.parse(point.at) - from)) / span,
    y: area.y + area.height * (1 - (point[which].fraction ?? 0)),
  });
  const ends = { strict: 0, adjusted: 0 };
  for (const which of ["strict", "adjusted"] as const) {
    const known = trend.filter((point) => point[which].fraction !== null);
    const places = known.map((point) => placeOf(point, which));
    ink.path(places, LINES[which], which === "strict" ? 1.8 : 1.2);
    for (const place of places) ink.dot(place, 2, LINES[which]);
    ends[which] = places.at(-1)?.y ?? area.y + area.height;
  }
  drawEnds(sheet, area, last, ends);
  const bottom = area.y + area.height + 5;
  sheet.drawLine(first.at.slice(0, 10), { x: area.x, y: bottom }, SMALL);
  sheet.drawLine(last.at.slice(0, 10), { x: area.x + area.width, y: bottom }, SMALL, "right");
}

/** The newest percentages beside the ends of the lines, which may lie on one another. */
function drawEnds(sheet: Sheet, area: Box, last: Point, ends: Readonly<Record<Which, number>>): void {
  const apart = Math.abs(ends.strict - ends.adjusted) < 20 ? 10 : 0;
  const x = area.x + area.width + 6;
  for (const which of ["strict", "adjusted"] as const) {
    const { fraction } = last[which];
    if (fraction === null) continue;
    const y = ends[which] - 9 + (which === "strict" ? apart : -apart);
    const style = { ...SMALL, color: LINES[which], weight: 600 as const };
    sheet.drawLine(percentText(fraction), { x, y }, style);
    sheet.drawLine(which, { x, y: y + 8 }, { ...style, size: 6.5, weight: 400 });
  }
}
