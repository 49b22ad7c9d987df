import { expect, test } from "vitest";
import { seasonWithoutSlot } from "./windows.ts";

test.each([
  ["as long as the schedule's step", { cron: "0 3 * * *", duration: "6h" }, "6h", undefined],
  ["over a run", { cron: "0 5 * * 1-5", duration: "2h" }, "6h", undefined],
  ["opening at a run", { cron: "0 6 * * *", duration: "1h" }, "6h", undefined],
  [
    "closing at a run, which is outside",
    { cron: "0 4 * * *", duration: "2h" },
    "6h",
    "at any time of the year",
  ],
  ["between runs", { cron: "0 2 * * *", duration: "2h" }, "6h", "at any time of the year"],
  [
    "over a run in summer time only",
    { cron: "0 2 * * *", duration: "4h", timezone: "Europe/Berlin" },
    "6h",
    "in winter",
  ],
  [
    "over a run in winter time only",
    { cron: "30 0 * * *", duration: "1h", timezone: "Europe/Berlin" },
    "6h",
    "in summer",
  ],
  ["once a year over a run", { cron: "0 23 1 10 *", duration: "2h" }, "6h", undefined],
  ["once a year between runs", { cron: "0 2 1 10 *", duration: "2h" }, "6h", "at any time of the year"],
])("a window %s", (_, window, every, expected) => {
  const seconds = { "6h": 21_600 }[every] ?? 0;
  expect(seasonWithoutSlot(window, seconds)).toBe(expected);
});
