import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { COLORS } from "./colors.ts";
import { FRAME, PAGE, type Sheet, SMALL } from "./sheet.ts";

/** Above and below every page: what it is a page of, what is wrong with it, and which of how many it is. */
export function runningTitles(sheet: Sheet, { identity, health }: ReportModel, digest: string): void {
  const { document } = sheet;
  const { count } = document.bufferedPageRange();
  const right = FRAME.right;
  const alarms = [
    ...(health.chain.verdict === "broken" ? ["audit chain broken"] : []),
    ...(identity.clock === "what-if" ? ["what if, no evidence"] : []),
  ];
  const alarm = { ...SMALL, weight: 600 as const, color: COLORS.danger };
  const [title = ""] = sheet.lines(
    `Credential rotation report${identity.repository === null ? "" : `, ${identity.repository}`}`,
    SMALL,
    sheet.width - 200,
    1,
  );
  for (let page = 0; page < count; page += 1) {
    document.switchToPage(page);
    sheet.tags.decoration(() => {
      if (page > 0) {
        sheet.drawLine(title, { x: sheet.left, y: 32 }, SMALL);
        sheet.drawLine(`as of ${identity.asOf}`, { x: right, y: 32 }, SMALL, "right");
        sheet.ink.line({ x: sheet.left, y: 46 }, { x: right, y: 46 }, COLORS.faint);
      }
      const y = PAGE.height - 40;
      sheet.drawLine(`report.json ${digest.slice(0, 16)}…`, { x: sheet.left, y }, SMALL);
      if (alarms.length > 0) sheet.drawLine(alarms.join("; "), { x: PAGE.width / 2, y }, alarm, "center");
      sheet.drawLine(`${page + 1} of ${count}`, { x: right, y }, { ...SMALL, weight: 600 }, "right");
    }, "Pagination");
  }
}
