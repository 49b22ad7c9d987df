import { expect, it } from "vitest";
import { NOON, record } from "../../testing/engine/record.ts";
import {
  credential,
  documents,
  evaluateAt,
  hold,
  incident,
  policy,
  type Records,
  records,
  settings,
  status,
} from "../../testing/evaluation/world.ts";
import type { Sourced } from "../documents/kinds.ts";
import type { DeliveryShape } from "../rotation/recipe.ts";
import type { Course } from "./course.ts";
import { valueCourse } from "./value-course.ts";

const HOOK: DeliveryShape = { staging: 1, pushing: 0 };
const freeze = settings({
  limits: { freeze: [{ from: "2026-03-01", to: "2026-04-01", reason: "year end" }] },
});

function course(all: readonly Sourced[], state: Records = {}, shape = HOOK, valid = true): Course {
  const evaluation = evaluateAt(NOON, all, state);
  const capabilities = () => ({ able: false, why: "unsupported", reason: "" }) as const;
  const input = {
    evaluation,
    documents: documents(...all),
    state: records(state),
    now: NOON,
    capabilities,
    valid,
  };
  return valueCourse("key", "carol", input, () => shape);
}

it("a value that a person made is delivered as a rotation of its own", () => {
  const { item, act } = course([credential("key"), policy("keys", { rotateWithin: "60d" })]);
  expect(item).toMatchObject({ action: "start", reason: "asked for by carol, with a value" });
  expect(act).toMatchObject({
    kind: "open",
    recipe: "value",
    reason: "requested",
    emergency: false,
    identity: undefined,
  });
});

it.each<[string, Course, string, RegExp]>([
  ["a credential that nobody registered", course([]), "refuse", /no credential key/],
  [
    "one that this tool makes itself",
    course([credential("key", { method: "automated" })]),
    "refuse",
    /method automated/,
  ],
  ["invalid documents", course([credential("key")], {}, HOOK, false), "refuse", /invalid/],
  [
    "nowhere to take it",
    course([credential("key")], {}, { staging: 0, pushing: 0 }),
    "refuse",
    /no `deliver`/,
  ],
  [
    "two that only push",
    course([credential("key")], {}, { staging: 0, pushing: 2 }),
    "refuse",
    /at most one/,
  ],
  [
    "one that is open",
    course([credential("key")], { statuses: [status("key", { rotation: rotationAt("promote") })] }),
    "refuse",
    /open at promote/,
  ],
  ["a hold", course([credential("key"), hold("stop", { all: true })]), "wait", /held by stop/],
  ["a freeze", course([credential("key"), freeze]), "wait", /freeze: year end/],
])("not with %s", (_name, { item, act }, action, reason) => {
  expect(item.action).toBe(action);
  expect(item.reason).toMatch(reason);
  expect(act).toBeUndefined();
});

it("no hold and no freeze keeps back the value that ends a compromise", () => {
  const state = { incidents: [incident("i-1", "key", "2026-03-09")] };
  expect(course([credential("key"), hold("stop", { all: true }), freeze], state).act).toMatchObject({
    kind: "open",
    emergency: true,
    reason: "compromised",
  });
});

function rotationAt(step: "promote") {
  const { rotation } = record({ recipe: "value", step }, []);
  if (rotation === undefined) throw new Error("no rotation");
  return rotation;
}
