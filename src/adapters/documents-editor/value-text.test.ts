import { expect, test } from "vitest";
import { CreError } from "../../core/model/errors.ts";
import { parseValueText } from "./value-text.ts";

test.each<[text: string, value: unknown]>([
  ["payments", "payments"],
  ["3", 3],
  ["true", true],
  ["null", null],
  ["2026-12-01", "2026-12-01"],
  ["[a, b]", ["a", "b"]],
  ["{ team: x }", { team: "x" }],
  ['"text: with a colon"', "text: with a colon"],
])("%s is read as YAML", (text, value) => {
  expect(parseValueText(text)).toEqual(value);
});

test.each([
  ["text that is no YAML", "a: [b"],
  ["two documents", "a\n---\nb"],
  ["a tag", "!!str 1"],
  ["an anchor", "&x 1"],
  ["an alias", "*x"],
  ["lists that are nested without end", "- ".repeat(9000)],
  ["brackets that are nested without end", "[".repeat(9000) + "]".repeat(9000)],
])("%s is refused without a word of it", (_, text) => {
  expect(() => parseValueText(text)).toThrow(CreError);
  expect(() => parseValueText(text)).toThrow(/^The value is no YAML of one line\.$/);
});
