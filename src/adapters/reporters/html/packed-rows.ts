type Leaf = string | number | boolean | null;

/**
 * A column of leaves: one for all rows, each different one once and which each row has, or as they come. Numbers of
 * values are characters of a text, which compresses better than a list.
 */
type Column =
  | { readonly all: Leaf }
  | { readonly values: readonly Leaf[]; readonly at: string }
  | { readonly each: readonly Leaf[] };

/** Rows of one shape, by the columns of their leaves. */
interface Shelf {
  /** The shape with a 0 for each leaf. */
  readonly shape: unknown;
  readonly columns: readonly Column[];
}

/**
 * Rows of nested JSON as columns: alike rows differ in few of their leaves, so that compressed it is a tenth of what
 * the rows would be. Words that a reader knows of each row are left out of its texts, too.
 */
export interface PackedRows {
  readonly shelves: readonly Shelf[];
  /** Shelf of each row. */
  readonly on: readonly number[];
}

/** Stands before the number of a word in a text, and before itself. */
const MARK = "\u0001";
/** Numbers of words and values begin at this character. */
const FIRST = 48;

/** Packs rows; `words` are what a reader knows of each before it unpacks it. */
export function packRows(
  rows: readonly unknown[],
  words: readonly (readonly (string | null)[])[],
): PackedRows {
  const numbers = new Map<string, number>();
  const shelves: { readonly shape: unknown; readonly rows: Leaf[][] }[] = [];
  const on = rows.map((row, at) => {
    const leaves: Leaf[] = [];
    const put = wordMarker(words[at] ?? []);
    const shape = shapeOf(row, (leaf) => leaves.push(typeof leaf === "string" ? put(leaf) : leaf));
    const key = JSON.stringify(shape);
    const number = numbers.get(key) ?? shelves.push({ shape, rows: [] }) - 1;
    numbers.set(key, number);
    shelves[number]?.rows.push(leaves);
    return number;
  });
  return {
    shelves: shelves.map(({ shape, rows: members }) => ({
      shape,
      columns: (members[0] ?? []).map((_, column) =>
        columnOf(members.map((leaves) => leaves[column] ?? null)),
      ),
    })),
    on,
  };
}

/** One row again, as it was. */
export function unpackRow(
  { shelves, on }: PackedRows,
  row: number,
  words: readonly (string | null)[],
): unknown {
  const number = on[row];
  const shelf = number === undefined ? undefined : shelves[number];
  if (shelf === undefined) return undefined;
  let place = 0;
  for (let at = 0; at < row; at += 1) if (on[at] === number) place += 1;
  const columns = shelf.columns.values();
  return filled(shelf.shape, () => {
    const column = columns.next().value;
    const leaf = column === undefined ? null : leafAt(column, place);
    return typeof leaf === "string" ? spelledOut(leaf, words) : leaf;
  });
}

function shapeOf(value: unknown, take: (leaf: Leaf) => void): unknown {
  if (Array.isArray(value)) return value.map((element) => shapeOf(element, take));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shapeOf(member, take)]));
  }
  // `as`: rows are JSON, whose other values are leaves.
  take(value as Leaf);
  return 0;
}

function filled(shape: unknown, next: () => Leaf): unknown {
  if (Array.isArray(shape)) return shape.map((element) => filled(element, next));
  if (typeof shape === "object" && shape !== null) {
    return Object.fromEntries(Object.entries(shape).map(([name, member]) => [name, filled(member, next)]));
  }
  return next();
}

function columnOf(leaves: readonly Leaf[]): Column {
  const numbers = new Map<Leaf, number>();
  for (const leaf of leaves) if (!numbers.has(leaf)) numbers.set(leaf, numbers.size);
  const [first = null] = numbers.keys();
  if (numbers.size < 2) return { all: first };
  if (numbers.size * 2 > leaves.length) return { each: leaves };
  const at = leaves.map((leaf) => String.fromCharCode(FIRST + (numbers.get(leaf) ?? 0)));
  return { values: [...numbers.keys()], at: at.join("") };
}

function leafAt(column: Column, place: number): Leaf {
  if ("all" in column) return column.all;
  if ("each" in column) return column.each[place] ?? null;
  return column.values[column.at.charCodeAt(place) - FIRST] ?? null;
}

/** Puts marks for words, in one pass over a text; the longest first, since one may be within another. */
function wordMarker(words: readonly (string | null)[]): (text: string) => string {
  const marks = new Map([[MARK, MARK + MARK]]);
  for (const [number, word] of words.entries()) {
    if (word !== null && word.length > 2 && !marks.has(word)) marks.set(word, markOf(number));
  }
  const known = [...marks.keys()]
    .toSorted((a, b) => b.length - a.length)
    .map((word) => word.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const pattern = new RegExp(known.join("|"), "g");
  return (text) => text.replaceAll(pattern, (word) => marks.get(word) ?? word);
}

function markOf(number: number): string {
  return MARK + String.fromCharCode(FIRST + number);
}

function spelledOut(text: string, words: readonly (string | null)[]): string {
  if (!text.includes(MARK)) return text;
  // oxlint-disable-next-line no-control-regex -- the mark is one, so that few texts have it
  return text.replaceAll(/\u0001(.)/gs, (_, sign: string) =>
    sign === MARK ? MARK : (words[sign.charCodeAt(0) - FIRST] ?? ""),
  );
}
