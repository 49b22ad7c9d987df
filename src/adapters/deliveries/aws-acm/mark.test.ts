import fc from "fast-check";
import { expect, test } from "vitest";
import { marksIn, markText } from "./mark.ts";

const mark = fc.record({
  attempt: fc.uuid(),
  fingerprint: fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => Buffer.from(bytes).toString("hex")),
});

test("the attempts of the old and the new certificate stand in one tag, as AWS takes it", () => {
  fc.assert(
    fc.property(fc.array(mark, { minLength: 1, maxLength: 4 }), (marks) => {
      const text = markText(marks);
      expect(text).toMatch(/^[A-Za-z0-9 +\-=._:/@]{1,256}$/);
      expect(marksIn(text)).toEqual(marks.slice(0, 2));
    }),
  );
});

test("what people wrote into the tag is no mark", () => {
  fc.assert(
    fc.property(fc.option(fc.string({ maxLength: 256 }), { nil: undefined }), (text) => {
      fc.pre(!/=[0-9a-f]{64}/.test(text ?? ""));
      expect(marksIn(text)).toEqual([]);
    }),
  );
});
