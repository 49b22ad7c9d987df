import fc from "fast-check";
import { expect, test } from "vitest";
import type { Mark } from "../../../core/ports/rotator.ts";
import { markName, markTag, readName, readTag } from "./mark.ts";

const anyMark: fc.Arbitrary<Mark> = fc.record({
  rotation: fc.uuid({ version: 7 }),
  attempt: fc.uuid({ version: 7 }),
  epoch: fc.integer({ min: 0, max: 10 ** 11 }),
});

test("every mark is read as it was written, in a name of at most 90 characters and a tag of at most 256", () => {
  fc.assert(
    fc.property(anyMark, fc.uuid(), (mark, keyId) => {
      const name = markName(mark);
      expect(name.length).toBeLessThanOrEqual(90);
      expect(readName(name)).toEqual(mark);
      const tag = markTag(keyId, mark);
      expect(tag.length).toBeLessThanOrEqual(256);
      expect(readTag(tag)).toEqual({ keyId, mark });
      expect(readTag(name)).toBeUndefined();
      expect(readName(tag)).toBeUndefined();
    }),
  );
});

test("a mark that Graph would cut is a bug, and is not written", () => {
  expect(() => markName({ rotation: "r".repeat(60), attempt: "a".repeat(60), epoch: 1 })).toThrow("90");
});

test("what people write, and what was cut, is no mark", () => {
  fc.assert(
    fc.property(anyMark, fc.integer({ min: 1, max: 50 }), fc.string(), (mark, length, text) => {
      const name = markName(mark);
      const cut = readName(name.slice(0, name.lastIndexOf(":") + 1 - length));
      expect(cut).toBeUndefined();
      expect(readName(`${name} ${text}`)).toBeUndefined();
      expect(readName(` ${name}`)).toBeUndefined();
      expect(readTag(text)).toBeUndefined();
    }),
  );
});
