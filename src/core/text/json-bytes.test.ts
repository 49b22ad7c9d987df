import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonBytes } from "./json-bytes.ts";

test("bytes are those of JSON.stringify, with and without indentation", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2, 4), (value, indent) => {
      const text = new TextDecoder().decode(jsonBytes(value, indent));
      expect(text).toBe(`${JSON.stringify(value, undefined, indent).toWellFormed()}\n`);
    }),
  );
});

test("a member that is undefined is left out", () => {
  expect(new TextDecoder().decode(jsonBytes({ a: undefined, b: [1] }))).toBe('{"b":[1]}\n');
});
