import bidi from "bidi-js";
import { expect, test } from "vitest";
import { hasRightToLeft, visualRuns } from "./visual-order.ts";

// `as`: the types are those of its module of the newer system, Node loads that of the older, which is the function.
const algorithm = (bidi as unknown as (typeof bidi)["default"])();

function seen(line: string): readonly string[] {
  return visualRuns(algorithm, line).map(({ text, isRightToLeft }) => `${isRightToLeft ? "<" : ">"}${text}`);
}

test("a line from left to right is one run", () => {
  expect(seen("orders-db (42)")).toEqual([">orders-db (42)"]);
});

test("a name from right to left stands within a sentence, and a number in it from left to right", () => {
  expect(seen("team שלום 42 end")).toEqual([">team ", ">42", "<שלום ", "> end"]);
});

test("a line that begins from right to left does so as a whole, and its brackets are turned", () => {
  expect(seen("שלום (ops)")).toEqual(["<(", ">ops", "<שלום )"]);
});

test("letters from right to left are known, and no others", () => {
  for (const text of ["ש", "فريق", "a ش"]) expect(hasRightToLeft(text)).toBe(true);
  for (const text of ["orders", "支付", "é", "λ", ""]) expect(hasRightToLeft(text)).toBe(false);
});
