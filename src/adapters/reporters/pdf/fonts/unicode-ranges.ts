/** Code points from one to another, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The code points of a CSS `unicode-range`: `U+0000-00FF,U+0131`. */
export function rangesOf(text: string): readonly Range[] {
  return text.split(",").flatMap((part) => {
    const [, from, to = from] = /^\s*U\+([0-9a-f]+)(?:-([0-9a-f]+))?\s*$/i.exec(part) ?? [];
    return from === undefined || to === undefined ? [] : [{ from: parseInt(from, 16), to: parseInt(to, 16) }];
  });
}

export function isIn(ranges: readonly Range[], codePoint: number): boolean {
  return ranges.some(({ from, to }) => codePoint >= from && codePoint <= to);
}
