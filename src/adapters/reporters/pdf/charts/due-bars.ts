import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { COLORS, STATE_COLORS } from "../page/colors.ts";
import type { Box } from "../page/ink.ts";
import { type Sheet, SMALL, STRONG } from "../page/sheet.ts";

type Spans = ReportModel["timeline"]["spans"];

/** How many due dates are behind, and how many lie within 30, 60 and 90 days. */
export function dueBars(sheet: Sheet, box: Box, spans: Spans): void {
  const told = spans.map(({ span, credentials }) => `${spanText(span)}: ${credentials}`);
  sheet.tags.content("Figure", () => draw(sheet, box, spans), { alt: `Due dates. ${told.join(", ")}.` });
}

/** `0-30` as a person says it. */
function spanText(span: Spans[number]["span"]): string {
  return span === "overdue" ? span : `${span} days`;
}

function draw(sheet: Sheet, box: Box, spans: Spans): void {
  const { ink } = sheet;
  const base = box.y + box.height - 20;
  const tallest = box.height - 46;
  const most = Math.max(1, ...spans.map(({ credentials }) => credentials));
  const share = box.width / spans.length;
  for (const [at, { span, credentials }] of spans.entries()) {
    const middle = box.x + at * share + share / 2;
    const height = (tallest * credentials) / most;
    const color = span === "overdue" ? STATE_COLORS.expired : COLORS.accent;
    if (credentials > 0) ink.box({ x: middle - 17, y: base - height, width: 34, height }, color);
    sheet.drawLine(
      String(credentials),
      { x: middle, y: base - height - 15 },
      { ...STRONG, size: 10 },
      "center",
    );
    sheet.drawLine(spanText(span), { x: middle, y: base + 5 }, SMALL, "center");
  }
  ink.line({ x: box.x, y: base }, { x: box.x + box.width, y: base }, COLORS.faint, 0.8);
}
