import fc from "fast-check";
import { expect, test } from "vitest";
import { attemptOf, marked } from "./mark.ts";

const attempt = fc.uuid();
const version = fc.integer({ min: 1, max: 100_000_000 });
const description = fc.option(fc.string({ maxLength: 1024 }), { nil: undefined });

test("a description says of its own version which attempt it has, and keeps the words of people", () => {
  fc.assert(
    fc.property(description, attempt, version, (words, id, number) => {
      const text = marked(words, id, number);
      expect(attemptOf(text, number)).toEqual({ attempt: id });
      expect(text.length).toBeLessThanOrEqual(1024);
      expect(text.startsWith((words ?? "").slice(0, 900).trimEnd())).toBe(true);
    }),
  );
});

test("of another version it says nothing that can be relied on", () => {
  fc.assert(
    fc.property(description, attempt, version, version, (words, id, made, other) => {
      fc.pre(made !== other);
      expect(attemptOf(marked(words, id, made), other)).toBe("unclear");
    }),
  );
});

test("marks do not pile up", () => {
  fc.assert(
    fc.property(fc.array(attempt, { minLength: 1, maxLength: 5 }), (ids) => {
      const text = ids.reduce((before: string | undefined, id, at) => marked(before, id, at + 1), "Orders");
      expect(text).toBe(`Orders [cre:${ids.at(-1)}:${ids.length}]`);
    }),
  );
});

test("words of people are no mark", () => {
  fc.assert(
    fc.property(description, version, (words, number) => {
      fc.pre(!/\[cre:/.test(words ?? ""));
      expect(attemptOf(words, number)).toBeUndefined();
    }),
  );
});
