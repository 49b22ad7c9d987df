import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fewestPerWeek, spreadOverWeeks } from "./weeks.ts";

const item = (id: number, lastWeek: number) => ({ id, lastWeek });
const anyItems = fc
  .array(fc.integer({ min: 1, max: 15 }), { maxLength: 40 })
  .map((weeks) => weeks.map((lastWeek, id) => item(id, lastWeek)));
const anyWeeks = fc.integer({ min: 1, max: 12 });

describe("spreading over weeks", () => {
  test("is even where nothing is bounded, and what comes first ends first", () => {
    const items = [0, 1, 2, 3, 4].map((id) => item(id, 99));
    const ids = spreadOverWeeks(items, 10)?.map((week) => week.map(({ id }) => id));
    expect(ids).toEqual([[], [0], [], [1], [], [2], [], [3], [], [4]]);
  });

  test("takes as few weeks as it needs where people say how many a week", () => {
    const items = [0, 1, 2, 3, 4].map((id) => item(id, 99));
    const ids = spreadOverWeeks(items, 10, 2)?.map((week) => week.map(({ id }) => id));
    expect(ids?.map((week) => week.length)).toEqual([1, 2, 2]);
    expect(ids?.flat()).toEqual([0, 1, 2, 3, 4]);
  });

  test("puts everything somewhere in time, and never more into a week than is said", () => {
    fc.assert(
      fc.property(anyItems, anyWeeks, (items, weeks) => {
        const plan = spreadOverWeeks(items, weeks) ?? [];
        expect(plan.flat().toSorted((a, b) => a.id - b.id)).toEqual(items);
        const most = fewestPerWeek(items, weeks);
        plan.forEach((week, index) => {
          expect(week.length).toBeLessThanOrEqual(most);
          for (const { lastWeek } of week) expect(Math.min(lastWeek, weeks)).toBeGreaterThan(index);
        });
      }),
    );
  });

  test("fails just below the fewest that are possible, never at or above", () => {
    fc.assert(
      fc.property(anyItems, anyWeeks, fc.integer({ min: 1, max: 45 }), (items, weeks, perWeek) => {
        const isPossible = perWeek >= fewestPerWeek(items, weeks);
        expect(spreadOverWeeks(items, weeks, perWeek) !== undefined).toBe(isPossible);
      }),
    );
  });
});
