import type { ReportModel } from "../../../core/report/report-schema.ts";
import type { Headings } from "./page/headings.ts";
import type { Sheet } from "./page/sheet.ts";

/** A report in the making: its pages, and what goes onto them. */
export interface Draft {
  readonly sheet: Sheet;
  readonly headings: Headings;
  readonly model: ReportModel;
}
