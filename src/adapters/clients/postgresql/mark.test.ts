import fc from "fast-check";
import { expect, test } from "vitest";
import { handleOf, type RoleMark, readComment, writeComment } from "./mark.ts";

const id = fc.stringMatching(/^[A-Za-z0-9._-]{1,36}$/);
const marks: fc.Arbitrary<RoleMark> = fc.record({
  mark: fc.record({ rotation: id, attempt: id, epoch: fc.nat(1_000_000) }),
  kind: fc.constantFrom("issued", "adopted", "free"),
});
/** PostgreSQL stores any text without NUL. */
const words = fc
  .string({ unit: "binary", maxLength: 60 })
  .filter((text) => !text.includes("\0") && readComment(text).mark === undefined);

test("the words of people and the mark come back from the comment as they were", () => {
  fc.assert(
    fc.property(words, marks, (text, mark) => {
      expect(readComment(writeComment(text, mark))).toEqual({ text, mark });
    }),
    { numRuns: 2000 },
  );
});

test("a new mark takes the place of the old one and leaves the words alone", () => {
  fc.assert(
    fc.property(words, marks, marks, (text, before, after) => {
      expect(writeComment(writeComment(text, before), after)).toBe(writeComment(text, after));
    }),
  );
});

test("a comment without words is the mark alone", () => {
  const comment = writeComment(null, { mark: { rotation: "r", attempt: "a", epoch: 7 }, kind: "issued" });
  expect(comment).toBe("[cre:r:a:7]");
  expect(readComment(comment)).toEqual({
    text: "",
    mark: { mark: { rotation: "r", attempt: "a", epoch: 7 }, kind: "issued" },
  });
});

test("the mark is the suffix that the design names", () => {
  const mark = { rotation: "0192-r", attempt: "0192-a", epoch: 12 };
  expect(writeComment("it's ours", { mark, kind: "issued" })).toBe("it's ours [cre:0192-r:0192-a:12]");
  expect(writeComment("it's ours", { mark, kind: "free" })).toBe("it's ours [cre:0192-r:0192-a:12:free]");
});

test("words that people wrote behind the mark are kept, and the mark still counts", () => {
  const read = readComment("orders [cre:r:a:3] see the wiki");
  expect(read.text).toBe("orders see the wiki");
  expect(read.mark?.mark.epoch).toBe(3);
});

test.each([
  "[cre:rotation:attempt:epoch]",
  "[cre:r:a]",
  "[cre:r:a:-1]",
  "[cre::a:1]",
  "cre:r:a:1",
  "[cre:r:a:1:gone]",
])("%s is no mark", (text) => {
  expect(readComment(text)).toEqual({ text, mark: undefined });
});

test("an id that no mark can carry is refused before it is written", () => {
  const mark = { rotation: "r", attempt: "a:b", epoch: 1 };
  expect(() => writeComment("", { mark, kind: "issued" })).toThrow("no mark can carry");
});

test("a version keeps its handle when it is adopted, and the next one gets another", () => {
  const mark = { rotation: "r", attempt: "01936f00-0000-7000-8000-0123456789ab", epoch: 1 };
  expect(handleOf("orders_a", undefined)).toBe("orders_a");
  expect(handleOf("orders_a", { mark, kind: "adopted" })).toBe("orders_a");
  expect(handleOf("orders_a", { mark, kind: "issued" })).toBe("orders_a@0123456789ab");
});
