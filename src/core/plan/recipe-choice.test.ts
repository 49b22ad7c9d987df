import { expect, it } from "vitest";
import { rotation } from "../../testing/evaluation/world.ts";
import type { Capability } from "./capability.ts";
import { chooseRecipe } from "./recipe-choice.ts";

type Able = Extract<Capability, { able: true }>;
const { policy } = rotation().pinned;

it.each<
  [string, Able["recipe"], [number, number], boolean, { downtime?: boolean; emergency?: boolean }, string]
>([
  ["two slots", "alternate", [1, 1], false, {}, "alternate"],
  ["two slots, pushing only", "overlap", [0, 1], false, {}, "overlap"],
  ["two that only push", "overlap", [1, 2], false, {}, "refused"],
  ["delivered nowhere", "overlap", [0, 0], false, {}, "refused"],
  ["one slot, the consumer tries pending", "in-place", [1, 0], true, {}, "in-place"],
  ["one slot, the consumer does not", "in-place", [1, 0], false, {}, "refused"],
  ["one slot, an outage is accepted", "in-place", [1, 0], false, { downtime: true }, "in-place"],
  ["one slot, pushing only", "in-place", [0, 1], true, {}, "refused"],
  [
    "one slot, pushing only, an outage is accepted",
    "in-place",
    [0, 1],
    false,
    { downtime: true },
    "in-place-downtime",
  ],
  ["one slot in an emergency", "in-place", [0, 1], false, { emergency: true }, "in-place-downtime"],
  ["one slot, staged and pushed", "in-place", [1, 1], true, { downtime: true }, "refused"],
])("%s", (_name, recipe, [staging, pushing], triesPending, { downtime, emergency }, expected) => {
  const capability: Able = { able: true, recipe, identity: "i", shape: { staging, pushing }, triesPending };
  const chosen = chooseRecipe(
    capability,
    downtime === true ? { ...policy, allowDowntime: 300 } : policy,
    emergency === true,
  );
  expect("refused" in chosen ? "refused" : chosen.recipe).toBe(expected);
});
