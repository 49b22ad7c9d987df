const LOOK_ALIKES: Readonly<Record<string, string>> = {
  "*": "\u2217",
  _: "\u02cd",
  "~": "\u223c",
  "`": "'",
};

/**
 * Characters that format text, replaced by ones that look the same, for sinks that have no escape for them. What
 * stands between two letters or digits, such as in `orders_owner`, formats nothing and stays.
 */
export function withoutMarks(line: string): string {
  return line
    .replaceAll(/[*~`]/g, (mark) => LOOK_ALIKES[mark] ?? mark)
    .replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, (mark) => LOOK_ALIKES[mark] ?? mark);
}
