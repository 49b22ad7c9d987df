import fc from "fast-check";
import { expect, test } from "vitest";
import { readProgress, writeProgress } from "./progress-mark.ts";

const mark = fc.record({
  marker: fc.string(),
  pages: fc.nat(),
  failed: fc.array(fc.string(), { maxLength: 100 }),
  overfull: fc.boolean(),
});

test("a mark is read as it was written, and any other text is none", () => {
  fc.assert(
    fc.property(mark, (one) => {
      expect(readProgress(writeProgress(one))).toEqual(one);
    }),
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const read = readProgress(text);
      expect(read === undefined || readProgress(writeProgress(read)) !== undefined).toBe(true);
    }),
  );
  expect(readProgress(undefined)).toBeUndefined();
});

test("of very many that failed it only says that there were more", () => {
  const failed = Array.from({ length: 500 }, (_, at) => `user-${at}`);
  const read = readProgress(writeProgress({ marker: "m", pages: 3, failed, overfull: false }));
  expect(read).toMatchObject({ overfull: true });
  expect(read?.failed.length).toBeLessThan(500);
});
