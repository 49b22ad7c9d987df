/** Compares two texts by code unit, which for names is by code point; never by a locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Compares lists of texts of one length, the first difference decides. */
export function compareKeys(a: readonly string[], b: readonly string[]): number {
  for (const [index, left] of a.entries()) {
    const order = compareText(left, b[index] ?? "");
    if (order !== 0) return order;
  }
  return 0;
}
