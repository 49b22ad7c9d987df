import { plainLine } from "../plain-line.ts";

/** Spreadsheet programs hold no more in one cell. */
const LONGEST_CELL = 32_000;
/** What nearly every cell is: nothing of it needs a second look. */
const HARMLESS = /^[A-Za-z0-9][A-Za-z0-9 .:/_()-]{0,400}$/;
/** Begins a formula, in the full-width form too, also behind white space or a quote that a program takes off. */
const FORMULA = /^[\s'"]*[=+\-@＝＋－＠]/u;

/**
 * A text as the value of a cell of a CSV file: one line, and never a formula. What begins like one gets an apostrophe
 * before it. Quoting is the writer's.
 */
export function csvText(value: string): string {
  if (HARMLESS.test(value)) return value.trimEnd();
  // Tabs and line breaks become blanks here, so that nothing can hide behind them.
  const line = plainLine(value, LONGEST_CELL);
  return FORMULA.test(line) || /^[\t\r\n]/.test(value) ? `'${line}` : line;
}
