import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { at } from "../../testing/evaluation/world.ts";
import type { Window } from "../documents/policy.ts";
import { addTo, instantOf } from "../model/instant.ts";
import { windowAt } from "./window.ts";

const BERLIN: Window = { cron: "0 2 * * *", duration: "4h", timezone: "Europe/Berlin" };
const WEEKDAYS: Window = { ...BERLIN, cron: "0 2 * * 1-5" };

describe("windowAt", () => {
  it.each([
    ["a second before it opens", BERLIN, "2026-06-10T23:59:59Z", "2026-06-11T00:00:00Z"],
    ["at the second it opens", BERLIN, "2026-06-11T00:00:00Z", "open"],
    ["at its last second", BERLIN, "2026-06-11T03:59:59Z", "open"],
    ["at its end, which is exclusive", BERLIN, "2026-06-11T04:00:00Z", "2026-06-12T00:00:00Z"],
    ["in winter, an hour later by UTC", BERLIN, "2026-12-11T00:30:00Z", "2026-12-11T01:00:00Z"],
    ["without a time zone by UTC", { cron: "0 2 * * *", duration: "1h" }, "2026-06-11T02:30:00Z", "open"],
    ["after Friday's, until Monday", WEEKDAYS, "2026-06-13T01:00:00Z", "2026-06-15T00:00:00Z"],
    ["over midnight", { cron: "30 23 * * *", duration: "1h" }, "2026-06-11T00:29:59Z", "open"],
    [
      "that overlaps itself never shuts",
      { cron: "0 * * * *", duration: "2h" },
      "2026-06-11T00:59:59Z",
      "open",
    ],
    ["that never opens has no next", { cron: "0 0 31 2 *", duration: "1h" }, "2026-06-11T00:00:00Z", "never"],
    [
      "of February 29",
      { cron: "0 0 29 2 *", duration: "1h" },
      "2026-06-11T00:00:00Z",
      "2028-02-29T00:00:00Z",
    ],
    // 2026-03-29: Berlin jumps from 02:00 to 03:00, 01:00 UTC.
    [
      "whose opening spring skips opens after the gap",
      BERLIN,
      "2026-03-29T00:59:59Z",
      "2026-03-29T01:00:00Z",
    ],
    ["whose opening spring skips is open then", BERLIN, "2026-03-29T01:00:00Z", "open"],
    ["of spring lasts as long as any other", BERLIN, "2026-03-29T04:59:59Z", "open"],
    ["of spring ends after its duration", BERLIN, "2026-03-29T05:00:00Z", "2026-03-30T00:00:00Z"],
    ["within the gap, at half past two", { ...BERLIN, cron: "30 2 * * *" }, "2026-03-29T01:00:00Z", "open"],
    // 2026-10-25: Berlin repeats 02:00 to 03:00, 00:00 to 02:00 UTC.
    ["of the hour that autumn repeats opens at the first", BERLIN, "2026-10-25T00:00:00Z", "open"],
    ["of the repeated hour ends after its duration", BERLIN, "2026-10-25T04:00:00Z", "2026-10-26T01:00:00Z"],
    [
      "does not open a second time in the repeated hour",
      { ...BERLIN, duration: "30m" },
      "2026-10-25T01:00:00Z",
      "2026-10-26T01:00:00Z",
    ],
    ["of the other hemisphere", { ...BERLIN, timezone: "Australia/Sydney" }, "2026-01-10T15:00:00Z", "open"],
    ["half an hour off", { ...BERLIN, timezone: "Asia/Kolkata" }, "2026-01-10T20:30:00Z", "open"],
    [
      "longer than time itself",
      { cron: "0 0 1 1 *", duration: "999999999w" },
      "2026-06-11T00:00:00Z",
      "open",
    ],
  ] as const)("a window %s", (_, window, now, expected) => {
    const { open, nextOpen } = windowAt(window, at(now));
    expect(open ? "open" : (nextOpen ?? "never")).toBe(expected);
  });

  it("that is shut opens exactly at nextOpen, and not a second earlier, in every zone and season", () => {
    const zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"];
    const windows = fc.record({
      cron: fc.constantFrom("0 2 * * *", "30 1 * * *", "0 2 * * 1-5", "15 */6 * * *", "0 0 1 * *"),
      duration: fc.constantFrom("30m", "90m", "4h"),
      timezone: fc.constantFrom(...zones),
    });
    const instants = fc.integer({ min: 1_767_225_600, max: 1_830_297_600 }).map(instantOf);
    fc.assert(
      fc.property(windows, instants, (window, now) => {
        const { open, nextOpen } = windowAt(window, now);
        expect(nextOpen === undefined).toBe(open);
        if (nextOpen === undefined) return;
        expect(nextOpen > now).toBe(true);
        expect(windowAt(window, nextOpen)).toEqual({ open: true });
        expect(windowAt(window, addTo(nextOpen, -1))).toEqual({ open: false, nextOpen });
      }),
      { numRuns: 150 },
    );
  });
});

it("that opens every hour goes by time that passes, when clocks change", () => {
  const hourly: Window = { ...BERLIN, cron: "15 * * * *", duration: "1m" };
  const openings = (from: string): string[] => {
    const found: string[] = [];
    for (let now = at(from); found.length < 3; ) {
      const { open, nextOpen } = windowAt(hourly, now);
      const next = open ? now : (nextOpen ?? now);
      found.push(next.slice(11, 16));
      now = addTo(next, 60);
    }
    return found;
  };
  expect(openings("2026-03-29T00:00:00Z")).toEqual(["00:15", "01:15", "02:15"]);
  expect(openings("2026-10-25T00:00:00Z")).toEqual(["00:15", "01:15", "02:15"]);
});
