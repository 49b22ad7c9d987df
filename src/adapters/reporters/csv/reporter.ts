import type { Options, stringify } from "csv-stringify/sync";
import type { Reporter, ReportFile } from "../../../core/ports/reporter.ts";
import type { ReportModel } from "../../../core/report/report-schema.ts";
import { csvText } from "../../../core/text/encode/csv.ts";
import type { Cell, Table } from "./table.ts";
import { TABLES } from "./tables.ts";

/** One file for each list of the report, and `summary.csv` with its figures: RFC 4180, UTF-8, never a formula. */
export const csvReporter: Reporter = {
  format: "csv",
  files: async function* (model): AsyncIterable<ReportFile> {
    const { stringify: write } = await import("csv-stringify/sync");
    for (const [name, table] of Object.entries(TABLES)) {
      yield { path: `csv/${name}.csv`, content: textOf(table, model, write) };
    }
  },
};

const OPTIONS: Options = {
  // Spreadsheet programs take a file without it for one in the code page of their country.
  bom: true,
  record_delimiter: "windows",
  // What `csvText` lets through begins no formula; this is the same promise by somebody else.
  escape_formulas: true,
  // Programs of some countries take a semicolon for the end of a cell, and most take blanks off.
  quoted_match: /;|^\s|\s$/,
  cast: { boolean: String },
};

function textOf(table: Table, model: ReportModel, write: typeof stringify): string {
  const rows: Cell[][] = [[...table.titles]];
  for (const cells of table.rows(model)) {
    rows.push(cells.map((cell) => (typeof cell === "string" ? csvText(cell) : cell)));
  }
  return write(rows, OPTIONS);
}
