import { plainLine } from "../text/plain-line.ts";

/** One field that two documents say differently; undefined: it is not there. */
export interface Difference {
  /** Keys from the outside in, with dots. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Every field in which two values differ. A list is one field; the order of keys means nothing. */
export function differences(before: unknown, after: unknown, path = ""): readonly Difference[] {
  if (isMap(before) && isMap(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) =>
      differences(before[key], after[key], path === "" ? key : `${path}.${key}`),
    );
  }
  return isSame(before, after) ? [] : [{ path, before, after }];
}

/** Whether two values of documents say the same. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  }
  return isMap(a) && isMap(b) && differences(a, b).length === 0;
}

const MOST_TOLD = 4;

/** Some differences as one text for people: `port: 5432 → 5433; host: a → b`. */
export function differenceText(found: readonly Difference[]): string {
  const told = found
    .slice(0, MOST_TOLD)
    .map(({ path, before, after }) => `${path}: ${shown(before)} → ${shown(after)}`);
  const rest = found.length - told.length;
  return [...told, ...(rest > 0 ? [`and ${rest} more`] : [])].join("; ");
}

/** A value of a document for people, short and on one line. */
export function shown(value: unknown): string {
  if (value === undefined) return "none";
  return plainLine(typeof value === "string" ? value : JSON.stringify(value), 120);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
