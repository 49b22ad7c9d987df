import { counted } from "../../../../core/text/counted.ts";
import { COLORS, type Color } from "./colors.ts";
import { BODY, type Sheet, SMALL, type Style } from "./sheet.ts";
import { readingOrder } from "./tags.ts";

/** Some lines in a cell. */
interface CellText {
  readonly text: string;
  readonly style?: Style;
  /** A dot before it. */
  readonly dot?: Color;
}
type Cell = string | readonly CellText[];

/** A column: its title, its share of the width, and its cell of a row. */
export interface Column<Row> {
  readonly title: string;
  readonly share: number;
  readonly of: (row: Row) => Cell;
  readonly align?: "right";
  /** What is said of a row as a whole stands here: its name, most of the time. */
  readonly isHead?: boolean;
}

interface LaidText {
  readonly lines: readonly string[];
  readonly style: Style;
  readonly dot: Color | undefined;
}

interface Place {
  readonly x: number;
  readonly width: number;
}

const CELL: Style = { ...BODY, size: 8, leading: 10.5 };
export const NAME: Style = { ...CELL, weight: 600 };
export const NOTE: Style = { ...SMALL, size: 6.8, leading: 9 };
const HEAD: Style = { ...SMALL, size: 7, weight: 600, leading: 9.5 };
const PADDING = 4;
const GAP = 8;
const DOT = 8;
/** Whatever somebody wrote, a row stays on a page. */
const MOST_LINES = 24;

/** A table over the width of the page, its head again on every page. At most `most` rows; then it says what is left out. */
export function table<Row>(
  sheet: Sheet,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: { readonly most?: number; readonly rest?: string } = {},
): void {
  const { most = rows.length, rest = "report.json and the CSV files have them all" } = options;
  const places = placesOf(sheet, columns);
  const rules: number[] = [];
  const drawRules = (): void => {
    if (rules.length === 0) return;
    sheet.tags.decoration(() => {
      const right = sheet.left + sheet.width;
      for (const y of rules) sheet.ink.line({ x: sheet.left, y }, { x: right, y }, COLORS.faint);
    });
    rules.length = 0;
  };
  sheet.tags.group("Table", () => {
    sheet.need(60);
    head(sheet, columns, places, true);
    sheet.onLeave(drawRules);
    for (const row of rows.slice(0, most)) {
      const cells = columns.map((column, at) => laid(sheet, column.of(row), places[at]?.width ?? 0));
      const height = Math.max(...cells.map(heightOf)) + 2 * PADDING;
      if (sheet.need(height)) head(sheet, columns, places, false);
      sheet.tags.group("TR", () => {
        for (const [at, cell] of cells.entries()) drawCell(sheet, cell, columns[at], places[at]);
      });
      sheet.y += height;
      rules.push(sheet.y);
    }
    sheet.onLeave(undefined);
    drawRules();
  });
  if (rows.length > most) {
    sheet.gap(4);
    sheet.paragraph(`${counted(rows.length - most, "more row")}: ${rest}.`, SMALL);
  }
  sheet.gap(14);
}

function placesOf<Row>(sheet: Sheet, columns: readonly Column<Row>[]): readonly Place[] {
  const all = columns.reduce((sum, { share }) => sum + share, 0);
  let x = sheet.left;
  return columns.map(({ share }, at) => {
    const whole = (sheet.width * share) / all;
    const place = { x, width: whole - (at === columns.length - 1 ? 0 : GAP) };
    x += whole;
    return place;
  });
}

/** On the pages after the first, the head is only there for the eye: a screen reader knows the columns. */
function head<Row>(
  sheet: Sheet,
  columns: readonly Column<Row>[],
  places: readonly Place[],
  isFirst: boolean,
): void {
  const titles = columns.map(({ title }, at) => sheet.lines(title, HEAD, places[at]?.width ?? 0));
  const height = Math.max(...titles.map(({ length }) => length)) * HEAD.leading + 2 * PADDING;
  const box = { x: sheet.left, y: sheet.y, width: sheet.width, height };
  sheet.tags.decoration(() => {
    sheet.ink.box({ ...box, x: box.x - 4, width: box.width + 8 }, COLORS.wash);
  });
  const draw = (at: number): void => {
    for (const [line, text] of (titles[at] ?? []).entries()) {
      const { x, edge } = edgeOf(places[at], columns[at]?.align);
      sheet.drawLine(
        text,
        { x: edge ?? x, y: sheet.y + PADDING + line * HEAD.leading },
        HEAD,
        columns[at]?.align,
      );
    }
  };
  if (isFirst) {
    sheet.tags.group("TR", () => {
      for (const at of columns.keys()) sheet.tags.content("TH", () => draw(at), { scope: "Column" });
    });
  } else {
    sheet.tags.decoration(() => {
      for (const at of columns.keys()) draw(at);
    }, "Pagination");
  }
  sheet.y += height;
}

function edgeOf(
  place: Place = { x: 0, width: 0 },
  align: "right" | undefined,
): { readonly x: number; readonly edge?: number } {
  return align === "right" ? { x: place.x, edge: place.x + place.width } : { x: place.x };
}

function laid(sheet: Sheet, cell: Cell, width: number): readonly LaidText[] {
  const texts = typeof cell === "string" ? [{ text: cell }] : cell;
  return texts.map(({ text, style = CELL, dot }: CellText) => {
    const room = dot === undefined ? width : width - DOT;
    return { lines: sheet.lines(text, style, room, MOST_LINES), style, dot };
  });
}

function heightOf(cell: readonly LaidText[]): number {
  return cell.reduce((sum, { lines, style }) => sum + lines.length * style.leading, 0);
}

function drawCell<Row>(
  sheet: Sheet,
  cell: readonly LaidText[],
  column: Column<Row> | undefined,
  place: Place | undefined,
): void {
  const { x, edge } = edgeOf(place, column?.align);
  const isHead = column?.isHead === true;
  const draw = (): void => {
    let y = sheet.y + PADDING;
    for (const { lines, style, dot } of cell) {
      if (dot !== undefined) sheet.ink.dot({ x: x + 2.5, y: y + style.leading / 2 - 0.3 }, 2.5, dot);
      const left = dot === undefined ? x : x + DOT;
      for (const line of lines) {
        sheet.drawLine(line, { x: edge ?? left, y }, style, column?.align);
        y += style.leading;
      }
    }
  };
  const reading = readingOrder(cell.flatMap(({ lines }) => lines));
  sheet.tags.content(isHead ? "TH" : "TD", draw, isHead ? { scope: "Row", ...reading } : reading);
}
