import { describe, expect, it } from "vitest";
import { credential } from "../../testing/evaluation/world.ts";
import type { Match } from "../documents/common.ts";
import { matches } from "./match.ts";

const { document: key } = credential(
  "key",
  { type: "api-key", service: "shop" },
  { labels: { environment: "production", scope: "pci" } },
);

describe("matches", () => {
  it.each<[string, Match | undefined, boolean]>([
    ["no condition at all", undefined, true],
    ["no condition in it", {}, true],
    ["one of the types", { types: ["ssh-key", "api-key"] }, true],
    ["none of the types", { types: ["ssh-key"] }, false],
    ["one of the services", { services: ["shop", "warehouse"] }, true],
    ["none of the services", { services: ["warehouse"] }, false],
    ["one of the names", { names: ["key", "other"] }, true],
    ["none of the names", { names: ["other"] }, false],
    ["all labels", { labels: { environment: "production", scope: "pci" } }, true],
    ["one label of two", { labels: { environment: "production", scope: "none" } }, false],
    ["a label that it lacks", { labels: { region: "eu" } }, false],
    ["a label that every object has", { labels: { toString: "x" } }, false],
    ["two conditions of which one fails", { types: ["api-key"], services: ["warehouse"] }, false],
  ])("%s", (_, match, expected) => {
    expect(matches(match, key)).toBe(expected);
  });
});
