import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Plan } from "../../testing/engine/estate.ts";
import { Story } from "../../testing/engine/story.ts";

/**
 * The engine's pure decisions against a simulated provider and its consumers. A story is a plan and a tape of choices:
 * crashes around every effect, refusals, doubt, holds, incidents, commands, strangers. fast-check prints the seed and
 * the shortest story that breaks a law.
 */

const common = {
  confirms: fc.boolean(),
  pushAnswers: fc.boolean(),
  eyes: fc.constantFrom("sampled", "remembers", "blind", "none"),
  canDeactivate: fc.boolean(),
  canContain: fc.boolean(),
  leavesMarks: fc.boolean(),
  revokeFirst: fc.boolean(),
  longGrace: fc.boolean(),
} as const;

const twoSlots: fc.Arbitrary<Plan> = fc
  .record({
    ...common,
    recipe: fc.constantFrom("overlap", "alternate"),
    idleLive: fc.boolean(),
    staging: fc.integer({ min: 0, max: 2 }),
    pushing: fc.integer({ min: 0, max: 1 }),
  })
  .filter(({ staging, pushing }) => staging + pushing > 0);
const inPlace: fc.Arbitrary<Plan> = fc.record({
  ...common,
  recipe: fc.constant("in-place" as const),
  idleLive: fc.constant(false),
  staging: fc.integer({ min: 1, max: 2 }),
  pushing: fc.constant(0),
});
const downtime: fc.Arbitrary<Plan> = fc.record({
  ...common,
  recipe: fc.constant("in-place-downtime" as const),
  idleLive: fc.constant(false),
  staging: fc.constant(0),
  pushing: fc.constant(1),
});

const tape = fc.array(fc.nat({ max: 5039 }), { maxLength: 250, size: "max" });
const RUNS = Number(process.env["CRE_MODEL_RUNS"] ?? 900);

describe("every story keeps the laws", () => {
  it.each([
    ["two slots", twoSlots],
    ["in place", inPlace],
    ["in place with downtime", downtime],
  ])("%s", { timeout: 60_000 + RUNS * 20 }, (_name, plans) => {
    const property = fc.property(plans, tape, (plan, numbers) => {
      new Story(plan, numbers).tell();
    });
    const details = fc.check(property, { numRuns: RUNS });
    const { seed, counterexamplePath: path, counterexample, errorInstance } = details;
    const told = JSON.stringify({ seed, path, counterexample });
    expect(details.failed ? `${String(errorInstance)}\n${told}` : "kept").toBe("kept");
  });
});
