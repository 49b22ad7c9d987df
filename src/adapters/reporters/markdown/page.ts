import { markdownCell, markdownText } from "../../../core/text/encode/markdown.ts";

/** GitHub shows nothing of a job's page that is longer than 1 MiB. */
const MOST_BYTES = 900 * 1024;
const MOST_ROWS = 200;
const LONGEST_CELL = 300;

/** A page of tables, the important first, that never grows beyond what GitHub shows. */
export class Page {
  readonly #pieces: string[] = [];
  #bytes = 0;

  constructor(front: string) {
    this.#add(front);
  }

  text(words: string): void {
    this.#add(`\n${markdownText(words)}\n`);
  }

  /** A table with the number of its rows; nothing where it has none. Cells are plain texts, anybody's. */
  table(
    title: string,
    columns: readonly string[],
    rows: readonly (readonly string[])[],
    isCounted = true,
  ): void {
    if (rows.length === 0) return;
    this.#add(`\n## ${title}${isCounted ? ` (${rows.length})` : ""}\n\n`);
    this.#add(`${line(columns)}\n|${" --- |".repeat(columns.length)}\n`);
    let shown = 0;
    for (const cells of rows.slice(0, MOST_ROWS)) {
      if (!this.#add(`${line(cells)}\n`)) break;
      shown += 1;
    }
    if (shown < rows.length) {
      this.#pieces.push(`\n${rows.length - shown} more: report.json and the CSV files have them all.\n`);
    }
  }

  toString(): string {
    return this.#pieces.join("");
  }

  #add(piece: string): boolean {
    const bytes = Buffer.byteLength(piece);
    if (this.#bytes + bytes > MOST_BYTES) return false;
    this.#bytes += bytes;
    this.#pieces.push(piece);
    return true;
  }
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => markdownCell(cell, LONGEST_CELL)).join(" | ")} |`;
}
