import { describe, expect, it } from "vitest";
import { at } from "../../testing/evaluation/world.ts";
import { dayIn, digestTimeOf, newestDigestTime } from "./digest-time.ts";

describe("the newest digest time", () => {
  it.each([
    // An ordinary day: not before its minute, and then until the next one.
    ["UTC", "09:00", "2026-03-10T08:59:59Z", "2026-03-09T09:00:00Z"],
    ["UTC", "09:00", "2026-03-10T09:00:00Z", "2026-03-10T09:00:00Z"],
    ["UTC", "00:00", "2026-03-10T23:59:59Z", "2026-03-10T00:00:00Z"],
    ["Asia/Kathmandu", "09:00", "2026-03-10T03:14:59Z", "2026-03-09T03:15:00Z"],
    ["Asia/Kathmandu", "09:00", "2026-03-10T03:15:00Z", "2026-03-10T03:15:00Z"],
    // Spring: nine o'clock comes an hour earlier, and half past two right after the hour that is skipped.
    ["Europe/Berlin", "09:00", "2026-03-28T12:00:00Z", "2026-03-28T08:00:00Z"],
    ["Europe/Berlin", "09:00", "2026-03-29T12:00:00Z", "2026-03-29T07:00:00Z"],
    ["Europe/Berlin", "02:30", "2026-03-29T12:00:00Z", "2026-03-29T01:00:00Z"],
    ["America/New_York", "02:30", "2026-03-08T12:00:00Z", "2026-03-08T07:00:00Z"],
    ["America/New_York", "09:00", "2026-03-08T13:00:00Z", "2026-03-08T13:00:00Z"],
    // Autumn: the first of two half past twos, and the second is none.
    ["Europe/Berlin", "02:30", "2026-10-25T00:30:00Z", "2026-10-25T00:30:00Z"],
    ["Europe/Berlin", "02:30", "2026-10-25T01:45:00Z", "2026-10-25T00:30:00Z"],
    ["America/New_York", "01:30", "2026-11-01T06:45:00Z", "2026-11-01T05:30:00Z"],
    // Half an hour of change: skipped on 4 October at two, doubled on 5 April at two.
    ["Australia/Lord_Howe", "09:00", "2026-10-03T12:00:00Z", "2026-10-02T22:30:00Z"],
    ["Australia/Lord_Howe", "09:00", "2026-10-04T12:00:00Z", "2026-10-03T22:00:00Z"],
    ["Australia/Lord_Howe", "01:45", "2026-04-04T23:00:00Z", "2026-04-04T14:45:00Z"],
  ])("in %s at %s is, on %s, %s", (timezone, time, now, expected) => {
    expect(newestDigestTime({ at: time, timezone }, at(now))).toBe(expected);
  });

  it.each(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])(
    "comes once a day all year round in %s, also in hours that are skipped or doubled",
    (timezone) => {
      const moments = new Set<string>();
      const days = new Set<string>();
      for (let day = 0; day < 365; day += 1) {
        const now = at(new Date(Date.UTC(2026, 0, 3 + day, 18)).toISOString());
        const moment = newestDigestTime({ at: "02:15", timezone }, now);
        if (moment === undefined) throw new Error(`none before ${now}`);
        moments.add(moment);
        days.add(dayIn(timezone, moment));
      }
      expect([moments.size, days.size]).toEqual([365, 365]);
    },
  );

  it("is at nine in UTC where a route says nothing", () => {
    expect(digestTimeOf({})).toEqual({ at: "09:00", timezone: "UTC" });
    expect(digestTimeOf({ digest: { at: "07:30" } })).toEqual({ at: "07:30", timezone: "UTC" });
  });
});
