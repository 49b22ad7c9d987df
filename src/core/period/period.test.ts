import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at } from "../../testing/evaluation/world.ts";
import { addTo, type Instant, instantOf } from "../model/instant.ts";
import { milestonesOf, monthEndsBefore, parsePeriod, previousPeriod } from "./period.ts";

describe("a period", () => {
  test.each([
    ["2026-Q3", "2026-07-01", "2026-10-01"],
    ["2026-Q4", "2026-10-01", "2027-01-01"],
    ["2026-09", "2026-09-01", "2026-10-01"],
    ["2026-12", "2026-12-01", "2027-01-01"],
    ["2026", "2026-01-01", "2027-01-01"],
    ["2026-07-01..2026-09-30", "2026-07-01", "2026-10-01"],
    ["2026-02-28..2026-02-28", "2026-02-28", "2026-03-01"],
    ["2026-07-01T06:00:00Z..2026-07-01T18:00:00Z", "2026-07-01T06:00:00Z", "2026-07-01T18:00:00Z"],
    ["2026-07-01..2026-07-02T12:00:00Z", "2026-07-01", "2026-07-02T12:00:00Z"],
  ])("%s", (words, from, to) => {
    expect(parsePeriod(words)).toEqual({ words, from: at(from), to: at(to) });
  });

  test.each([
    "2026-Q5",
    "2026-13",
    "2026-00",
    "26-Q1",
    "",
    "..",
    "2026-07-01",
    "2026-02-30..2026-03-01",
    "2026-07-01..2026-08-01..2026-09-01",
    "2026-Q1..2026-Q2",
    "2026-07-02..2026-07-01",
    "2026-07-01T00:00:00Z..2026-07-01T00:00:00Z",
  ])("%s is refused with what to write", (words) => {
    expect(() => parsePeriod(words)).toThrow(
      expect.objectContaining({ fix: expect.stringContaining("2026-Q3") }),
    );
  });

  test.each([
    ["2026-Q3", "2026-Q2"],
    ["2026-Q1", "2025-Q4"],
    ["2026-01", "2025-12"],
    ["2026-10", "2026-09"],
    ["2026", "2025"],
  ])("before %s was %s", (words, before) => {
    expect(previousPeriod(parsePeriod(words))).toEqual(parsePeriod(before));
  });

  test("of any length follows one of the same length, without a gap", () => {
    const seconds = fc.integer({ min: 0, max: 4_000_000_000 });
    fc.assert(
      fc.property(seconds, fc.integer({ min: 1, max: 400_000_000 }), (start, length) => {
        const [from, to] = [instantOf(start), instantOf(start + length)];
        const before = previousPeriod(parsePeriod(`${from}..${to}`));
        expect(before.to).toBe(from);
        expect(addTo(before.from, length)).toBe(from);
        expect(parsePeriod(before.words)).toEqual(before);
      }),
    );
  });

  test("of the calendar joins the one before and the one after", () => {
    const words = fc
      .tuple(fc.integer({ min: 1, max: 9998 }), fc.constantFrom("", "-Q1", "-Q2", "-Q4", "-01", "-07", "-12"))
      .map(([year, part]) => `${String(year).padStart(4, "0")}${part}`);
    fc.assert(
      fc.property(words, (text) => {
        const period = parsePeriod(text);
        const before = previousPeriod(period);
        expect(before.to).toBe(period.from);
        expect(before.from < before.to).toBe(true);
        expect(before.words.length).toBe(text.length);
      }),
    );
  });
});

describe("milestones", () => {
  test("of a quarter are the ends of its months", () => {
    expect(milestonesOf(parsePeriod("2026-Q3"))).toEqual(
      ["2026-07-01", "2026-08-01", "2026-09-01", "2026-10-01"].map(at),
    );
  });

  test("of a month are the ends of its weeks", () => {
    expect(milestonesOf(parsePeriod("2026-02"))).toEqual(
      ["2026-02-01", "2026-02-08", "2026-02-15", "2026-02-22", "2026-03-01"].map(at),
    );
  });

  test("rise, begin and end with the period, and are few", () => {
    const bounds = fc.tuple(
      fc.integer({ min: 0, max: 2_000_000_000 }),
      fc.integer({ min: 1, max: 40_000_000 }),
    );
    fc.assert(
      fc.property(bounds, ([start, length]) => {
        const period = { from: instantOf(start), to: instantOf(start + length) };
        const points = milestonesOf(period);
        expect([points[0], points.at(-1)]).toEqual([period.from, period.to]);
        expect(points).toEqual([...new Set(points)].toSorted());
        expect(points.length).toBeLessThan(20);
      }),
    );
  });
});

test("the last month ends before an instant never include it", () => {
  expect(monthEndsBefore(at("2026-03-10"), 3)).toEqual(["2026-01-01", "2026-02-01", "2026-03-01"].map(at));
  expect(monthEndsBefore("2026-03-01T00:00:00Z" as Instant, 2)).toEqual(["2026-01-01", "2026-02-01"].map(at));
});
