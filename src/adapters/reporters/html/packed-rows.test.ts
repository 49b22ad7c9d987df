import fc from "fast-check";
import { expect, test } from "vitest";
import { packRows, unpackRow } from "./packed-rows.ts";

const text = fc.string({
  unit: fc.constantFrom("a", "b", "0", ".", "(", "\u0001", "\u{1f511}"),
  maxLength: 12,
});
const word = fc.option(text);

test("rows come out as they went in, whatever the words that are known of them", () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: "small" },
      text,
      fc.constantFrom(1, true, null),
      fc.array(tie("any"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("x", "y", "__proto__"), tie("any")),
    ),
  })).any;
  const rows = fc.array(fc.tuple(value, fc.array(word, { maxLength: 4 })), { maxLength: 12 });
  fc.assert(
    fc.property(rows, (pairs) => {
      const packed: unknown = JSON.parse(
        JSON.stringify(
          packRows(
            pairs.map(([row]) => row),
            pairs.map(([, words]) => words),
          ),
        ),
      );
      // `as`: JSON of packed rows is packed rows.
      const read = packed as ReturnType<typeof packRows>;
      for (const [at, [row, words]] of pairs.entries()) {
        expect(JSON.stringify(unpackRow(read, at, words))).toBe(JSON.stringify(row));
      }
    }),
  );
});

test("there is no row beyond the last", () => {
  expect(unpackRow(packRows([1], [[]]), 1, [])).toBeUndefined();
});
