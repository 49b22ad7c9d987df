import type { Options } from "csv-stringify/sync";
import { csvText } from "../../../core/text/encode/csv.ts";
import type { Cell } from "./table.ts";

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

/** A CSV file (RFC 4180, UTF-8) with its titles in the first line; no cell is a formula. */
export async function writeCsv(titles: readonly string[], rows: Iterable<readonly Cell[]>): Promise<string> {
  const { stringify } = await import("csv-stringify/sync");
  const safe: Cell[][] = [[...titles]];
  for (const cells of rows) safe.push(cells.map((cell) => (typeof cell === "string" ? csvText(cell) : cell)));
  return stringify(safe, OPTIONS);
}
