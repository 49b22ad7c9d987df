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
}

const GAP = 2;

function shorten(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(width - 1, 0)).join("")}…`;
}

function fit(columns: readonly Column[], natural: readonly number[], available: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width + GAP, -GAP) - available;
  while (excess > 0) {
    let widest: number | undefined;
    columns.forEach((column, index) => {
      const width = widths[index] ?? 0;
      if (column.shrinksTo === undefined || width <= column.shrinksTo) return;
      if (widest === undefined || width > (widths[widest] ?? 0)) widest = index;
    });
    if (widest === undefined) return widths;
    widths[widest] = (widths[widest] ?? 0) - 1;
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
    Math.max([...column.title].length, ...cells.map((row) => [...(row[index]?.text ?? "")].length)),
  );
  const widths = fit(columns, natural, terminal.width);
  const line = (texts: readonly { text: string; style: Style | undefined }[]): string => {
    let result = "";
    texts.forEach(({ text, style }, index) => {
      const width = widths[index] ?? 0;
      const short = shorten(text, width);
      const space = " ".repeat(Math.max(width - [...short].length, 0));
      const painted = style === undefined ? short : terminal.style(style, short);
      const last = index === texts.length - 1;
      if (columns[index]?.alignRight === true) result += space + painted;
      else result += last ? painted : painted + space;
      if (!last) result += " ".repeat(GAP);
    });
    return `${result.trimEnd()}\n`;
  };
  return [
    line(columns.map((column) => ({ text: column.title.toUpperCase(), style: "dim" as const }))),
    ...cells.map(line),
  ].join("");
}

/** `text` broken at spaces so that lines fit `width`, every line after `indent`. */
export function wrap(text: string, width: number, indent = ""): string {
  const room = Math.max(Math.min(width, 100) - indent.length, 20);
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
  lines.push(line);
  return lines.map((each) => `${indent}${each}`.trimEnd()).join("\n");
}
