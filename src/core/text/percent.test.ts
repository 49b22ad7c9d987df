import { expect, test } from "vitest";
import { percentText } from "./percent.ts";

test.each([
  [0, "0.0 %"],
  [6 / 7, "85.7 %"],
  [0.9994, "99.9 %"],
  [9_999 / 10_000, "99.9 %"],
  [1, "100.0 %"],
])("%d is told as %s: a whole only where it is one", (fraction, text) => {
  expect(percentText(fraction)).toBe(text);
});
