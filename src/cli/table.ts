import { printable, type Style, type Terminal } from "./terminal.ts";

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

export interface Column {
  readonly title: string;
  /** May be shortened with `…` down to this many characters when the terminal is narrow. */
  readonly shrinksTo?: number;
  readonly alignRight?: boolean;
  /** Goes on below itself when the terminal is narrow; only the last column may. */
  readonly wraps?: boolean;
}

const GAP = 2;

/** What a reader counts as one character each; most text is ASCII, where that is quick to know. */
function charactersOf(text: string): readonly string[] {
  if (/^[ -~]*$/.test(text)) return text.split("");
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}

function shorten(text: string, width: number): string {
  const characters = charactersOf(text);
  return characters.length <= width ? text : `${characters.slice(0, Math.max(width - 1, 0)).join("")}…`;
}

/** Takes characters from the columns that can spare most, until the table fits or none can. */
function fit(columns: readonly Column[], natural: readonly number[], available: number): number[] {
  const widths = [...natural];
  const spare = (index: number): number =>
    (widths[index] ?? 0) - (columns[index]?.shrinksTo ?? Number.POSITIVE_INFINITY);
  let excess = widths.reduce((sum, width) => sum + width + GAP, -GAP) - available;
  while (excess > 0) {
    const richest = columns.reduce((best, _, index) => (spare(index) > spare(best) ? index : best), 0);
    if (spare(richest) <= 0) return widths;
    widths[richest] = (widths[richest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

/** A table with a title row, two spaces between columns, lines without trailing spaces. */
export function renderTable(
  terminal: Pick<Terminal, "width" | "style">,
  columns: readonly Column[],
  rows: readonly (readonly (Cell | string)[])[],
): string {
  const cells = rows.map((row) =>
    row.map((cell) => {
      const { text, style } = typeof cell === "string" ? { text: cell, style: undefined } : cell;
      return { text: printable(text).replaceAll(/\s+/g, " "), style };
    }),
  );
  const natural = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((row) => charactersOf(row[index]?.text ?? "").length)),
  );
  const widths = fit(columns, natural, terminal.width);
  const line = (texts: readonly StyledText[]): string => {
    let result = "";
    let below: readonly string[] = [];
    texts.forEach(({ text, style }, index) => {
      const width = widths[index] ?? 0;
      const last = index === texts.length - 1;
      const lines = last && columns[index]?.wraps === true ? linesOf(text, width) : [shorten(text, width)];
      const first = lines[0] ?? "";
      below = lines.slice(1);
      const space = " ".repeat(Math.max(width - charactersOf(first).length, 0));
      const painted = style === undefined ? first : terminal.style(style, first);
      if (columns[index]?.alignRight === true) result += space + painted;
      else result += last ? painted : painted + space;
      if (!last) result += " ".repeat(GAP);
    });
    const indent = " ".repeat(widths.slice(0, -1).reduce((sum, width) => sum + width + GAP, 0));
    return [result, ...below.map((text) => indent + text)].map((text) => `${text.trimEnd()}\n`).join("");
  };
  return [
    line(columns.map((column) => ({ text: column.title.toUpperCase(), style: "dim" as const }))),
    ...cells.map(line),
  ].join("");
}

interface StyledText {
  readonly text: string;
  readonly style: Style | undefined;
}

/** `text` broken at spaces so that lines fit `width` and are easy to read, every line after `indent`. */
export function wrap(text: string, width: number, indent = ""): string {
  const room = Math.max(Math.min(width, 100) - indent.length, 20);
  return linesOf(text, room)
    .map((line) => `${indent}${line}`.trimEnd())
    .join("\n");
}

/** `text` broken at spaces into lines of at most `room` characters; a longer word has a line of its own. */
function linesOf(text: string, room: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
