import { expect, test } from "vitest";
import { type CountedLimits, countLimits } from "./rate-limits.ts";

/** Asks so many times, one every so many seconds; gives how many passed. */
function passed(limits: CountedLimits, isWrite: boolean, times: number, every: number, from = 0): number {
  const answers = Array.from({ length: times }, (_, index) =>
    limits.count("token", isWrite, from + index * every),
  );
  return answers.filter((answer) => answer === undefined).length;
}

test("80 writes pass in a minute, 500 in an hour, and reading is counted in points", () => {
  expect(passed(countLimits(), true, 100, 0)).toBe(80);
  expect(passed(countLimits(), true, 600, 5)).toBe(500);
  expect(passed(countLimits(), false, 1000, 0)).toBe(900);
});

test("5000 requests pass in an hour, which the headers count down", () => {
  const limits = countLimits();
  expect(passed(limits, false, 5100, 0.5)).toBe(5000);
  expect(limits.headers("token", 2550)).toMatchObject({
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": "3600",
  });
  expect(limits.headers("another", 2550)).toMatchObject({ "x-ratelimit-remaining": "5000" });
  expect(limits.hits()).toBe(100);
  expect(passed(limits, false, 1, 0, 3601)).toBe(1);
});
