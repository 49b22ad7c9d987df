import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { counted } from "../../../../core/text/counted.ts";
import { COLORS, STATE_COLORS } from "../page/colors.ts";
import { BODY, type Sheet, SMALL, STRONG } from "../page/sheet.ts";

type States = ReportModel["scorecard"]["states"];

const NAMES = ["active", "stale", "expired", "compromised", "retired"] as const;
const HEIGHT = 16;

/** How many credentials are in each state, as parts of one bar with a legend of numbers. */
export function stateBar(sheet: Sheet, states: States): void {
  const total = NAMES.reduce((sum, name) => sum + states[name], 0);
  const alt = `States of ${counted(total, "credential")}: ${NAMES.map((name) => `${states[name]} ${name}`).join(", ")}.`;
  sheet.need(64);
  sheet.tags.content("Figure", () => draw(sheet, states, total), { alt });
  sheet.y += 64;
}

function draw(sheet: Sheet, states: States, total: number): void {
  const { ink, left, width, y: top } = sheet;
  ink.box({ x: left, y: top, width, height: HEIGHT }, COLORS.faint);
  let x = left;
  for (const name of NAMES) {
    if (states[name] === 0) continue;
    const part = (width * states[name]) / total;
    ink.box({ x, y: top, width: part, height: HEIGHT }, STATE_COLORS[name]);
    if (x > left) ink.line({ x, y: top }, { x, y: top + HEIGHT }, COLORS.paper, 1.2);
    x += part;
  }
  const share = width / NAMES.length;
  for (const [at, name] of NAMES.entries()) {
    const place = { x: left + at * share, y: top + HEIGHT + 10 };
    ink.dot({ x: place.x + 3.5, y: place.y + 8 }, 3.5, STATE_COLORS[name]);
    sheet.drawLine(String(states[name]), { x: place.x + 13, y: place.y }, { ...STRONG, size: 13 });
    sheet.drawLine(name, { x: place.x + 13, y: place.y + 16 }, { ...SMALL, color: BODY.color });
  }
}
