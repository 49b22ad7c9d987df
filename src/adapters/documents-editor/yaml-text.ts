import { type Scalar, stringify } from "yaml";

const PLAIN = { lineWidth: 0, minContentWidth: 0 } as const;

/**
 * One scalar as it may stand in a block or a flow collection: plain where that is unambiguous, else in the quotes
 * that were there before, else in double quotes. Never spans lines.
 */
export function scalarText(value: unknown, before: Scalar["type"]): string {
  const spansLines = typeof value === "string" && /[\r\n\u0085\u2028\u2029]/.test(value);
  const kept = before === "QUOTE_DOUBLE" || before === "QUOTE_SINGLE" ? before : "PLAIN";
  const quoted = spansLines ? "QUOTE_DOUBLE" : kept;
  const list = stringify([value], {
    ...PLAIN,
    collectionStyle: "flow",
    flowCollectionPadding: false,
    defaultStringType: typeof value === "string" ? quoted : "PLAIN",
  });
  return list.trimEnd().slice(1, -1);
}

/** A value as a flow collection on one line, `{ a: 1 }` with padding as people write it. */
export function flowText(value: unknown): string {
  if (value === null || typeof value !== "object") return scalarText(value, undefined);
  if (Array.isArray(value)) return `[${value.map(flowText).join(", ")}]`;
  const pairs = Object.entries(value).map(([key, inner]) => flowPair(key, inner));
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}

export function flowPair(key: string, value: unknown): string {
  return `${scalarText(key, undefined)}: ${flowText(value)}`;
}

/** A short map of scalars reads best on one line, as in `owner: { team: payments, contact: … }`. */
function fitsOneLine(value: unknown): boolean {
  if (value === null || typeof value !== "object") return true;
  const members: unknown[] = Array.isArray(value) ? value : Object.values(value);
  if (members.length === 0) return true;
  return (
    members.every((member) => member === null || typeof member !== "object") && flowText(value).length <= 70
  );
}

/** `key: value` for a block map whose keys stand in `column`; the first line without indentation, no line end at the end. */
export function blockPair(keyText: string, value: unknown, column: number, eol: string): string {
  if (fitsOneLine(value)) return `${keyText}: ${flowText(value)}`;
  const inner = column + 2;
  const pad = " ".repeat(inner);
  if (Array.isArray(value)) {
    return [`${keyText}:`, ...value.map((item) => pad + blockItem(item, inner, eol))].join(eol);
  }
  // Not one line, no array: a map.
  const lines = Object.entries(value as object).map(
    ([key, member]) => pad + blockPair(scalarText(key, undefined), member, inner, eol),
  );
  return [`${keyText}:`, ...lines].join(eol);
}

/** `- value` for a block list whose dashes stand in `column`. */
export function blockItem(value: unknown, column: number, eol: string): string {
  if (fitsOneLine(value) || Array.isArray(value)) return `- ${flowText(value)}`;
  const inner = column + 2;
  // Not one line, no array: a map.
  const lines = Object.entries(value as object).map(([key, member]) =>
    blockPair(scalarText(key, undefined), member, inner, eol),
  );
  return `- ${lines.join(eol + " ".repeat(inner))}`;
}

/** A whole document, in the layout of the examples. */
export function documentText(document: Readonly<Record<string, unknown>>, eol = "\n"): string {
  const lines = Object.entries(document).map(([key, value]) => {
    const blockAlways = key === "spec" && value !== null && typeof value === "object";
    if (!blockAlways) return blockPair(key, value, 0, eol);
    // One field per line.
    const fields = Object.entries(value).map(
      ([field, inner]) => `  ${blockPair(scalarText(field, undefined), inner, 2, eol)}`,
    );
    return [`${key}:`, ...fields].join(eol);
  });
  return lines.join(eol) + eol;
}
