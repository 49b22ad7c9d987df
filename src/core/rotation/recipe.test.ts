import fc from "fast-check";
import { expect, it } from "vitest";
import { RECIPES, STEPS } from "../state/status.ts";
import { backoffSeconds } from "./backoff.ts";
import { isPointOfNoReturn, stepAfter, stepsOf } from "./recipe.ts";

it.each([
  ["overlap", 1, 0, "preflight issue verify stage promote confirm deactivate revoke"],
  ["alternate", 2, 1, "preflight issue verify stage push promote confirm deactivate revoke"],
  ["overlap", 0, 1, "preflight issue verify push confirm deactivate revoke"],
  ["in-place", 1, 0, "preflight stage apply verify promote confirm"],
  ["in-place-downtime", 0, 1, "preflight apply verify push confirm"],
  ["value", 1, 1, "preflight stage push promote confirm"],
  ["retire", 1, 1, "deactivate revoke"],
  ["adopt", 1, 1, "adopt deactivate revoke"],
] as const)("%s with %i staging and %i pushing targets", (recipe, staging, pushing, steps) => {
  expect(stepsOf(recipe, { staging, pushing }).join(" ")).toBe(steps);
});

it("steps only ever lead forward, and those beside a recipe lead nowhere", () => {
  for (const recipe of RECIPES) {
    for (const shape of [
      { staging: 1, pushing: 1 },
      { staging: 0, pushing: 1 },
      { staging: 1, pushing: 0 },
    ]) {
      const steps = stepsOf(recipe, shape);
      expect(steps.map((step) => stepAfter(recipe, step, shape))).toEqual([...steps.slice(1), undefined]);
      const beside = ["abort", "reactivate", "contain"] as const;
      expect(beside.map((step) => stepAfter(recipe, step, shape))).toEqual([undefined, undefined, undefined]);
    }
  }
});

it("the point of no return is the intent of the first promote or push, in place of apply", () => {
  const points = (recipe: (typeof RECIPES)[number]) =>
    STEPS.filter((step) => isPointOfNoReturn(recipe, step)).join(" ");
  expect(points("overlap")).toBe("push promote");
  expect(points("value")).toBe("push promote");
  expect(points("in-place")).toBe("apply");
  expect(points("in-place-downtime")).toBe("apply");
});

it("backs off 1 h doubling to 32 h, with at most a tenth taken off", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 20].map((failures) => backoffSeconds(failures, 0) / 3600)).toEqual([
    1, 2, 4, 8, 16, 32, 32, 32,
  ]);
  const share = fc.property(
    fc.integer({ min: 1, max: 50 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (failures, jitter) => {
      const part = backoffSeconds(failures, jitter) / backoffSeconds(failures, 0);
      return part <= 1 && part >= 0.8999;
    },
  );
  fc.assert(share);
});
