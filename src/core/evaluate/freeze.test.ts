import { describe, expect, it } from "vitest";
import { at } from "../../testing/evaluation/world.ts";
import { freezeAt } from "./freeze.ts";

const YEAR_END = { from: "2026-12-20", to: "2027-01-02", reason: "year end" };
const STOCKTAKING = { from: "2027-01-02", to: "2027-01-05T12:00:00Z", reason: "stocktaking" };
const LAUNCH = { from: "2026-12-23", to: "2026-12-28", reason: "launch" };

describe("freezeAt", () => {
  it.each([
    ["a second before", [YEAR_END], "2026-12-19T23:59:59Z", undefined],
    ["at `from`", [YEAR_END], "2026-12-20T00:00:00Z", "2027-01-02T00:00:00Z year end"],
    ["at its last second", [YEAR_END], "2027-01-01T23:59:59Z", "2027-01-02T00:00:00Z year end"],
    ["at `to`, which is exclusive", [YEAR_END], "2027-01-02T00:00:00Z", undefined],
    ["the one that ends last", [LAUNCH, YEAR_END], "2026-12-24", "2027-01-02T00:00:00Z year end"],
    ["through one that follows", [STOCKTAKING, YEAR_END], "2026-12-24", "2027-01-05T12:00:00Z year end"],
    ["none at all", [], "2026-12-24", undefined],
  ])("finds %s", (_, freeze, now, expected) => {
    const found = freezeAt({ limits: { freeze } }, at(now));
    expect(found && `${found.until} ${found.reason}`).toBe(expected);
  });

  it("finds nothing without settings", () => {
    expect(freezeAt(undefined, at("2026-12-24"))).toBeUndefined();
  });
});
