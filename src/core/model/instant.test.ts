import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addTo,
  durationSeconds,
  epochSeconds,
  type Instant,
  instantOf,
  later,
  parseDuration,
  parseInstant,
  secondsBetween,
} from "./instant.ts";

const FIRST = Date.UTC(2000, 0, 1) / 1000 - 2000 * 365.2425 * 86_400; // 0000-01-01, by the length of the cycles
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000;
const seconds = fc.oneof(
  fc.integer({ min: FIRST, max: LAST }),
  fc.integer({ min: Date.UTC(2016, 0, 1) / 1000, max: Date.UTC(2036, 11, 31) / 1000 }),
  fc.constantFrom(FIRST, FIRST + 1, LAST, LAST - 1, 0, -1),
);
const instants = seconds.map(instantOf);
const spans = fc.oneof(
  fc.integer({ min: -1e10, max: 1e10 }),
  fc.constantFrom(0, 1, -1, 86_400, -86_400, 999_999_999 * 604_800, -999_999_999 * 604_800),
);
const two = (value: number): string => String(value).padStart(2, "0");

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** By the rhyme that children learn. */
function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

describe("an instant", () => {
  test("is read as it is written, and its order as text is that of time", () => {
    fc.assert(
      fc.property(seconds, seconds, (a, b) => {
        const [one, two] = [instantOf(a), instantOf(b)];
        expect(parseInstant(one)).toBe(one);
        expect(epochSeconds(one)).toBe(a);
        expect(one < two).toBe(a < b);
        expect(one === two).toBe(a === b);
        expect(secondsBetween(one, two)).toBe(b - a);
        expect(later(one, two)).toBe(a > b ? one : two);
        expect(later(one, undefined)).toBe(one);
      }),
      { numRuns: 500 },
    );
  });

  test("is one of a day that the calendar has, at a time that a day of 24 hours has", () => {
    const parts = fc.record({
      year: fc.oneof(fc.integer({ min: 0, max: 9999 }), fc.constantFrom(1900, 2000, 2024, 2100, 2400)),
      month: fc.integer({ min: 0, max: 13 }),
      day: fc.integer({ min: 0, max: 32 }),
      hour: fc.integer({ min: 0, max: 25 }),
      minute: fc.integer({ min: 0, max: 61 }),
      second: fc.integer({ min: 0, max: 61 }),
    });
    fc.assert(
      fc.property(parts, ({ year, month, day, hour, minute, second }) => {
        const date = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
        const isDay = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
        expect(parseInstant(date)).toBe(isDay ? `${date}T00:00:00Z` : undefined);
        const text = `${date}T${two(hour)}:${two(minute)}:${two(second)}Z`;
        const isTime = hour <= 23 && minute <= 59 && second <= 59;
        expect(parseInstant(text)).toBe(isDay && isTime ? text : undefined);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["2024-02-29", "2024-02-29T00:00:00Z"],
    ["2026-02-29", undefined],
    ["1900-02-29", undefined],
    ["2000-02-29", "2000-02-29T00:00:00Z"],
    ["0000-01-01", "0000-01-01T00:00:00Z"],
    ["9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59Z"],
    ["2016-12-31T23:59:60Z", undefined], // a leap second that there was; no clock of ours shows it
    ["2026-01-01T24:00:00Z", undefined],
    ["2026-01-01T00:00:00.9Z", "2026-01-01T00:00:00Z"],
    ["2026-01-01T00:00:00.Z", undefined],
    ["2026-01-01T00:00:00.1234567890Z", undefined],
    ["2026-01-01T00:00:00+00:00", undefined],
    ["2026-01-01T00:00:00z", undefined],
    ["2026-01-01t00:00:00Z", undefined],
    ["2026-01-01 00:00:00Z", undefined],
    ["2026-01-01T00:00Z", undefined],
    ["2026-1-1", undefined],
    ["02026-01-01", undefined],
    ["+002026-01-01", undefined],
    ["-000001-01-01", undefined],
    [" 2026-01-01", undefined],
    ["2026-01-01\n", undefined],
    ["２０２６-01-01", undefined],
    ["", undefined],
  ])("%j is %s", (text, instant) => {
    expect(parseInstant(text)).toBe(instant);
  });

  test("is what stands there to the second, whatever fraction follows", () => {
    fc.assert(
      fc.property(instants, fc.stringMatching(/^\d{1,9}$/), (instant, fraction) => {
        expect(parseInstant(instant.replace("Z", `.${fraction}Z`))).toBe(instant);
      }),
    );
  });

  test("is none for any other text, and no text makes the reader throw", () => {
    const close = fc
      .tuple(instants, fc.nat(20), fc.constantFrom("", "9", "-", "T", "Z", ":", " ", "\0", "\ud800"))
      .map(([instant, at, put]) => instant.slice(0, at) + put + instant.slice(at + 1));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" }), close), (text) => {
        const read = parseInstant(text);
        expect(read ?? "2026-01-01T00:00:00Z").toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        expect(read === undefined || epochSeconds(read) <= LAST).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe("moving an instant", () => {
  test("by any span gives an instant, and later or longer never gives an earlier one", () => {
    fc.assert(
      fc.property(instants, instants, spans, spans, (one, other, span, more) => {
        const moved = addTo(one, span);
        expect(parseInstant(moved)).toBe(moved);
        expect(one > other || moved <= addTo(other, span)).toBe(true);
        expect(span > more || moved <= addTo(one, more)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("there and back again is where it was, in two steps as in one, as long as the calendar goes", () => {
    const near = fc.integer({ min: -3_155_760_000, max: 3_155_760_000 });
    const middle = fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) / 1000 }).map(instantOf);
    fc.assert(
      fc.property(middle, near, near, (instant, a, b) => {
        expect(addTo(addTo(instant, a), -a)).toBe(instant);
        expect(addTo(addTo(instant, a), b)).toBe(addTo(instant, a + b));
        expect(secondsBetween(instant, addTo(instant, a))).toBe(a);
      }),
    );
  });

  test("beyond the calendar ends at its ends", () => {
    const end = "9999-12-31T23:59:59Z" as Instant; // the last one
    expect(addTo(end, 1)).toBe(end);
    expect(addTo("2026-01-01T00:00:00Z" as Instant, "999999999w" as never)).toBe(end);
    expect(instantOf(-1e15)).toBe("0000-01-01T00:00:00Z");
    expect(instantOf(0.999)).toBe("1970-01-01T00:00:00Z");
    expect(instantOf(-0.001)).toBe("1969-12-31T23:59:59Z");
  });
});

describe("a duration", () => {
  const UNITS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
  const units = fc.constantFrom("s", "m", "h", "d", "w");

  test("is an integer and a unit, and as long as that says", () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), units, (count, unit) => {
        const text = `${count}${unit}`;
        expect(parseDuration(text)).toBe(text);
        expect(durationSeconds(text)).toBe(count * UNITS[unit]);
        expect(Number.isSafeInteger(durationSeconds(text))).toBe(true);
      }),
    );
  });

  test.each([
    "",
    "d",
    "1",
    "01d",
    "-1d",
    "+1d",
    "1.5d",
    "1e3d",
    "1 d",
    " 1d",
    "1d ",
    "1D",
    "1y",
    "1d1h",
    "1000000000s",
    "0x1d",
    "१d",
  ])("%j is none", (text) => {
    expect(parseDuration(text)).toBeUndefined();
    expect(() => durationSeconds(text)).toThrow(/not a duration/);
  });

  test("no other text is one", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" })), (text) => {
        expect(parseDuration(text) !== undefined).toBe(
          /^(?:0|[1-9][0-9]{0,8})[smhdw]$/.test(text) && !text.includes("\n"),
        );
      }),
    );
  });
});
