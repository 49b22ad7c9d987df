import { expect, test } from "vitest";
import { waitWords } from "./wait-words.ts";

test.each([
  ["17", "it asks for a pause of 17 s"],
  ["0.35", "it asks for a pause of 1 s"],
  ["999999999", "it asks for a pause of 604800 s"],
  ["Wed, 21 Oct 2026 07:28:00 GMT", "it asks for a pause until 2026-10-21T07:28:00Z"],
  ["soon", undefined],
  ["-1", undefined],
  ["2026-10-21", undefined],
  ["<b>canary</b>", undefined],
  [undefined, undefined],
])("Retry-After %s: %s", (header, words) => {
  expect(waitWords(header)).toBe(words);
});
