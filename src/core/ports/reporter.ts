import type { ReportModel } from "../report/report-schema.ts";

/** One file of a report. */
export interface ReportFile {
  /** Below the report's folder, with `/`. */
  readonly path: string;
  /** Text is written as UTF-8. */
  readonly content: string | Uint8Array;
}

/** One format of a report. */
export interface Reporter {
  /** As in `--format`. */
  readonly format: string;
  /**
   * The files of this format, one after the other. All that a reader must know first (`identity.warnings`) and all
   * figures are in them. The same model gives the same bytes; texts of documents are encoded for the format.
   */
  files(model: ReportModel): Iterable<ReportFile> | AsyncIterable<ReportFile>;
}
