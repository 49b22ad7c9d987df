import fc from "fast-check";
import { expect, test } from "vitest";
import { linesOf } from "./line-breaks.ts";

/** Every character is one wide. */
const widthOf = (word: string): number => Array.from(word).length;

test("words stay whole where they fit, and a long name is cut behind a sign", () => {
  expect(linesOf("one two three", 7, widthOf)).toEqual(["one two", "three"]);
  expect(linesOf("registry/orders.yaml", 12, widthOf)).toEqual(["registry/", "orders.yaml"]);
  expect(linesOf("abcdefghij", 4, widthOf)).toEqual(["abcd", "efgh", "ij"]);
});

test("a script without spaces may end a line anywhere, and what is behind goes on", () => {
  expect(linesOf("支付团队 支付", 3, widthOf)).toEqual(["支付团", "队 支", "付"]);
  expect(linesOf("team 支付团队", 7, widthOf)).toEqual(["team 支付", "团队"]);
});

test("beyond so many lines the last ends with an ellipsis", () => {
  expect(linesOf("aaaa bbbb cccc", 4, widthOf, 2)).toEqual(["aaaa", "bb…"]);
});

test("an empty text is one empty line", () => {
  expect(linesOf("", 4, widthOf)).toEqual([""]);
});

test("no line is wider than it may be, and nothing is lost", () => {
  const text = fc
    .array(
      fc.string({ unit: fc.constantFrom("a", "-", "é", "支", "ひ", "ش", "🔑"), minLength: 1, maxLength: 30 }),
    )
    .map((words) => words.join(" "));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 20 }), (written, width) => {
      const lines = linesOf(written, width, widthOf);
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
      expect(lines.join("").replaceAll(" ", "")).toBe(written.replaceAll(" ", ""));
    }),
  );
});
