import type { Draft } from "../draft.ts";
import { SMALL, STRONG } from "../page/sheet.ts";
import { fields } from "./deviations.ts";

const ROLES = ["Preparer", "Reviewer", "Control owner"] as const;

/** Room for those who answer for it; a signed tag of the commit serves instead of ink. */
export function signOff({ sheet, headings, model }: Draft, digest: string): void {
  headings.section("Sign-off", { onNewPage: true }, () => {
    sheet.paragraph(
      `Of the report as of ${model.identity.asOf}, made from report.json with the SHA-256 ${digest}. A signed tag on the commits of the cover serves instead of ink.`,
    );
    sheet.gap(14);
    for (const role of ROLES) {
      sheet.need(80);
      sheet.paragraph(role, STRONG);
      sheet.gap(3);
      fields(sheet, ["Name", "Signature", "Date"], 44);
      sheet.gap(16);
    }
    sheet.paragraph("Whoever signs confirms to have read the report, not that a control is met.", SMALL);
  });
}
