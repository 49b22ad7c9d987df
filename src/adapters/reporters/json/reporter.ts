import type { Reporter, ReportFile } from "../../../core/ports/reporter.ts";
import { jsonBytes } from "../../../core/text/json-bytes.ts";

/** `report.json` with everything (schema `report`). */
export const jsonReporter: Reporter = {
  format: "json",
  files: function* (model): Iterable<ReportFile> {
    yield { path: "report.json", content: jsonBytes(model, 2) };
  },
};
