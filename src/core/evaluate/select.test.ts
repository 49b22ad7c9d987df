import { describe, expect, it } from "vitest";
import { credential, evaluateAt, policy } from "../../testing/evaluation/world.ts";
import { type Selectors, selectCredentials, unknownNames } from "./select.ts";

const result = evaluateAt("2026-03-10", [
  policy("keys", { match: { types: ["api-key"] }, rotateWithin: "60d" }),
  credential("a", { service: "shop" }, { labels: { environment: "production", scope: "pci" } }),
  credential("b", { service: "shop", rotatedAt: "2026-03-01" }, { labels: { environment: "production" } }),
  credential("c", { service: "orders", type: "ssh-key", owner: { team: "platform", contact: "x" } }),
]);

describe("selectCredentials", () => {
  it.each<[string, Selectors, string | undefined]>([
    ["nothing given", {}, undefined],
    ["only empty lists", { only: [], label: [] }, undefined],
    ["names", { only: ["c", "a"] }, "a c"],
    ["a service", { service: ["shop"] }, "a b"],
    ["one of two services", { service: ["shop", "orders"] }, "a b c"],
    ["a team", { team: ["platform"] }, "c"],
    ["a type", { type: ["api-key"] }, "a b"],
    ["a state", { state: ["expired"] }, "a"],
    ["a label", { label: [{ key: "environment", value: "production" }] }, "a b"],
    [
      "all labels",
      {
        label: [
          { key: "environment", value: "production" },
          { key: "scope", value: "pci" },
        ],
      },
      "a",
    ],
    ["a label that every object has", { label: [{ key: "constructor", value: "x" }] }, ""],
    ["two conditions, which must both hold", { service: ["shop"], state: ["active"] }, "b"],
    ["what nobody is", { service: ["warehouse"] }, ""],
  ])("%s", (_, selectors, expected) => {
    const chosen = selectCredentials(result, selectors);
    expect(chosen && [...chosen].join(" ")).toBe(expected);
  });
});

describe("unknownNames", () => {
  it("tells the names that nobody has", () => {
    expect(unknownNames(result, { only: ["a", "nobody", "c", "noone"] })).toEqual(["nobody", "noone"]);
    expect(unknownNames(result, {})).toEqual([]);
  });
});
