import { plainLine } from "../plain-line.ts";

/** Spreadsheet programs hold no more in one cell. */
const LONGEST_CELL = 32_000;
/** What nearly every cell is: nothing of it needs a second look. */
const HARMLESS = /^[A-Za-z0-9][A-Za-z0-9 .:/_()-]{0,400}$/;
/** Begins a formula, in the full-width form too, also behind white space or a quote that a program takes off. */
const FORMULA = /^[\s'"]*[=+\-@＝＋－＠]/u;

/**
 * One cell of a CSV file (RFC 4180). A number is written as it is; a text is one line and never a formula: what begins
 * like one gets an apostrophe before it.
 */
function csvCell(value: string | number | boolean | null): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  if (HARMLESS.test(value)) return value.trimEnd();
  // Tabs and line breaks become blanks here, so that nothing can hide behind them.
  const line = plainLine(value, LONGEST_CELL);
  const safe = FORMULA.test(line) || /^[\t\r\n]/.test(value) ? `'${line}` : line;
  return /[",;]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One line of a CSV file, with its end. */
export function csvRow(cells: readonly (string | number | boolean | null)[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}
