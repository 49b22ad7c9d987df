import type { Reporter, ReportFile } from "../../../core/ports/reporter.ts";
import { TABLES } from "./tables.ts";
import { writeCsv } from "./write-csv.ts";

/** One file for each list of the report, and `summary.csv` with its figures: RFC 4180, UTF-8, never a formula. */
export const csvReporter: Reporter = {
  format: "csv",
  files: async function* (model): AsyncIterable<ReportFile> {
    for (const [name, table] of Object.entries(TABLES)) {
      yield { path: `csv/${name}.csv`, content: await writeCsv(table.titles, table.rows(model)) };
    }
  },
};
