import type { Reporter, ReportFile } from "../../../core/ports/reporter.ts";
import { apiFiles } from "../../../core/report/api/api-files.ts";
import { jsonBytes } from "../../../core/text/json-bytes.ts";

/**
 * `api/v1`: the report cut into a folder of JSON that any static host serves to front ends, the dashboard among them.
 * Each file has a published schema (`registry/schema/report-*.schema.json`); `index.json` says which.
 */
export const apiReporter: Reporter = {
  format: "api",
  files: function* (model): Iterable<ReportFile> {
    for (const { path, value } of apiFiles(model)) {
      yield { path: `api/v1/${path}`, content: jsonBytes(value) };
    }
  },
};
