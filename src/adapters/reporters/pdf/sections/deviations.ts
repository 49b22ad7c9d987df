import { LEVELS } from "../../../../core/evaluate/finding.ts";
import type { Draft } from "../draft.ts";
import { COLORS } from "../page/colors.ts";
import { BODY, type Sheet, SMALL, STRONG } from "../page/sheet.ts";

/** Empty forms beyond these would only be paper. */
const MOST = 20;
const ROW = 62;
const FIELDS = ["Cause", "Remediation", "Owner and date"] as const;

/** What fails, with room for what its owner answers by hand. */
export function deviations({ sheet, headings, model }: Draft): void {
  headings.section("Deviations and management response", {}, () => {
    const failing = model.findings.filter(
      ({ waivedBy, level }) => waivedBy === null && LEVELS.indexOf(level) >= LEVELS.indexOf("critical"),
    );
    sheet.paragraph(
      failing.length === 0
        ? "No finding of level critical or worse is without an exception."
        : "Findings of level critical or worse without an exception. To be completed by the owner: cause, remediation, date.",
    );
    sheet.gap(10);
    for (const { credential, message } of failing.slice(0, MOST)) {
      form(sheet, credential ?? "(repository)", message);
    }
    if (failing.length > MOST) {
      sheet.paragraph(`${failing.length - MOST} more: csv/findings.csv has them all.`, SMALL);
    }
  });
}

function form(sheet: Sheet, name: string, message: string): void {
  const lines = sheet.lines(message, SMALL, sheet.width, 3);
  sheet.need(STRONG.leading + lines.length * SMALL.leading + ROW);
  sheet.paragraph(name, STRONG);
  for (const line of lines) sheet.paragraph(line, SMALL);
  sheet.gap(3);
  fields(sheet, FIELDS, 38);
  sheet.gap(12);
}

/** Boxes to be written into, side by side, each with what belongs there. */
export function fields(sheet: Sheet, names: readonly string[], height: number): void {
  const share = sheet.width / names.length;
  for (const [at, name] of names.entries()) {
    const box = { x: sheet.left + at * share, y: sheet.y, width: share - 6, height };
    sheet.tags.decoration(() => sheet.ink.frame(box, COLORS.faint, 0.8));
    sheet.tags.content("P", () =>
      sheet.drawLine(name, { x: box.x + 5, y: box.y + 3 }, { ...SMALL, size: 6.8, color: BODY.color }),
    );
  }
  sheet.y += height;
}
