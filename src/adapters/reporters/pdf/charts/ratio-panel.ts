import type { Ratio } from "../../../../core/report/history-schema.ts";
import { ratioText } from "../../../../core/report/ratio-text.ts";
import { percentText } from "../../../../core/text/percent.ts";
import { COLORS } from "../page/colors.ts";
import type { Box } from "../page/ink.ts";
import { BODY, type Sheet, SMALL, type Style } from "../page/sheet.ts";

const BIG: Style = { size: 30, weight: 600, color: COLORS.brand, leading: 38 };

/** A fraction with what it is made of: nobody has to trust the percentage. */
export function ratioPanel(
  sheet: Sheet,
  box: Box,
  { title, ratio, note }: { readonly title: string; readonly ratio: Ratio; readonly note: string },
): void {
  const { ink } = sheet;
  const draw = (): void => {
    ink.box(box, COLORS.wash);
    ink.box({ ...box, width: 3 }, COLORS.accent);
    const x = box.x + 16;
    sheet.drawLine(title, { x, y: box.y + 10 }, { ...SMALL, size: 8.5, weight: 600 });
    const percent = ratio.fraction === null ? "no population" : percentText(ratio.fraction);
    sheet.drawLine(percent, { x, y: box.y + 20 }, ratio.fraction === null ? { ...BIG, size: 18 } : BIG);
    sheet.drawLine(
      `${ratio.numerator} of ${ratio.denominator} credentials`,
      { x, y: box.y + 58 },
      { ...BODY, weight: 600 },
    );
    const track = { x, y: box.y + 76, width: box.width - 32, height: 5 };
    ink.box(track, COLORS.faint);
    if (ratio.numerator > 0) ink.box({ ...track, width: track.width * (ratio.fraction ?? 0) }, COLORS.accent);
    for (const [at, line] of sheet.lines(note, SMALL, box.width - 32, 2).entries()) {
      sheet.drawLine(line, { x, y: box.y + 86 + at * SMALL.leading }, SMALL);
    }
  };
  sheet.tags.content("Figure", draw, { alt: `${title}: ${ratioText(ratio)}. ${note}` });
}
