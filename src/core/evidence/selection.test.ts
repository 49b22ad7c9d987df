import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "../../testing/evaluation/world.ts";
import { drawFrom } from "./selection.ts";

const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 40 });

test("draws as many as asked for, each once, whatever the order of the population", () => {
  fc.assert(
    fc.property(ids, fc.nat(50), fc.string(), (all, size, seed) => {
      const drawn = drawFrom(all, { size, seed }, sha256).map(({ id }) => id);
      expect(drawn).toHaveLength(Math.min(size, all.length));
      expect(new Set(drawn).size).toBe(drawn.length);
      expect(drawFrom(all.toReversed(), { size, seed }, sha256).map(({ id }) => id)).toEqual(drawn);
    }),
  );
});

test("is what sha256sum and sort would draw", () => {
  const all = ["a", "b", "c", "d", "e"];
  const byHand = all
    .map((id) => `${createHash("sha256").update(`7:${id}`).digest("hex")} ${id}`)
    .toSorted()
    .slice(0, 2)
    .map((line) => line.split(" ")[1]);
  expect(drawFrom(all, { size: 2, seed: "7" }, sha256).map(({ id }) => id)).toEqual(byHand);
});

test("another seed draws others", () => {
  const all = Array.from({ length: 100 }, (_, at) => `item-${at}`);
  const [one, other] = ["1", "2"].map((seed) =>
    drawFrom(all, { size: 10, seed }, sha256).map(({ id }) => id),
  );
  expect(one).not.toEqual(other);
});

test("a member that is added later moves at most one out", () => {
  fc.assert(
    fc.property(ids, fc.string({ minLength: 1 }), (all, more) => {
      fc.pre(!all.includes(more));
      const before = drawFrom(all, { size: 5, seed: "7" }, sha256).map(({ id }) => id);
      const after = new Set(drawFrom([...all, more], { size: 5, seed: "7" }, sha256).map(({ id }) => id));
      expect(before.filter((id) => !after.has(id)).length).toBeLessThanOrEqual(1);
    }),
  );
});

test("without a sampling it is everything", () => {
  expect(drawFrom(["a", "b"], undefined, sha256)).toHaveLength(2);
});

test("a population with two members of one id has no sample", () => {
  expect(() => drawFrom(["a", "a"], { size: 1, seed: "7" }, sha256)).toThrow("one id");
});
