import { markdownCell } from "../core/text/encode/markdown.ts";

/** A page takes 1 MiB for one step; GitHub drops all of one that is longer. */
const MOST_BYTES = 900 * 1024;
const MOST_ROWS = 500;
const LONGEST_CELL = 400;

/** One table of the page; its cells are plain texts, anybody's. */
export interface SummaryTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Below a line to open it by. */
  readonly isFolded?: boolean;
}

/**
 * The tables that have rows, as Markdown, the important first: what does not fit is counted. No text of a cell can
 * become anything but text.
 */
export function summaryTables(tables: readonly SummaryTable[], before = ""): string {
  let bytes = Buffer.byteLength(before);
  const pieces = [before];
  for (const { title, columns, rows, isFolded = false } of tables) {
    if (rows.length === 0) continue;
    const head = `${row(columns)}\n|${" --- |".repeat(columns.length)}\n`;
    let shown = 0;
    let body = "";
    for (const cells of rows.slice(0, MOST_ROWS)) {
      const line = `${row(cells)}\n`;
      bytes += Buffer.byteLength(line);
      if (bytes > MOST_BYTES) break;
      body += line;
      shown += 1;
    }
    const more =
      shown === rows.length ? "" : `\n${rows.length - shown} more: the report file has them all.\n`;
    const name = `${title} (${rows.length})`;
    const inside = `${head}${body}${more}`;
    pieces.push(
      isFolded
        ? `\n<details><summary>${name}</summary>\n\n${inside}\n</details>\n`
        : `\n#### ${name}\n\n${inside}`,
    );
  }
  return pieces.join("");
}

/** Cells of one line of a table. */
function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => markdownCell(cell, LONGEST_CELL)).join(" | ")} |`;
}
