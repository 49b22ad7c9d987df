import { describe, expect, it } from "vitest";
import { at, credential, documents, hold, pressedHold, records } from "../../testing/evaluation/world.ts";
import type { Sourced } from "../documents/kinds.ts";
import { holdOn } from "./holds.ts";

const NOW = at("2026-03-10");
const { document: key } = credential("key", {}, { formerNames: ["old-key"] });

type Pressed = Parameters<typeof pressedHold>;

function holder(written: readonly Sourced[], pressed: readonly Pressed[] = [], now = NOW) {
  const state = records({ holds: pressed.map((hold) => pressedHold(...hold)) });
  return holdOn(key, documents(...written), state, now)?.name;
}

describe("holdOn", () => {
  it.each([
    ["names it", { credentials: ["other", "key"] }, "stop"],
    ["matches it", { match: { services: ["shop"] } }, "stop"],
    ["is for all", { all: true as const }, "stop"],
    ["names others", { credentials: ["other"] }, undefined],
    ["matches others", { match: { services: ["warehouse"] } }, undefined],
  ])("a written hold that %s", (_, spec, expected) => {
    expect(holder([hold("stop", spec)])).toBe(expected);
  });

  it.each([
    ["names it", { credentials: ["key"] }, "stop-1"],
    ["names it as it was called before", { credentials: ["old-key"] }, "stop-1"],
    ["is for all", { all: true as const }, "stop-1"],
    ["names others", { credentials: ["other"] }, undefined],
    [
      "was released",
      { all: true as const, released: { by: "bob", at: at("2026-03-02"), reason: "over" } },
      undefined,
    ],
  ])("a pressed hold that %s", (_, fact, expected) => {
    expect(holder([], [["stop-1", fact]])).toBe(expected);
  });

  it.each([
    ["2026-03-31T23:59:59Z", "stop"],
    ["2026-04-01T00:00:00Z", undefined],
  ])("holds until its end, exclusive: %s", (now, expected) => {
    expect(holder([hold("stop", { all: true })], [], at(now))).toBe(expected);
    expect(holder([], [["stop", { all: true }]], at(now))).toBe(expected);
  });

  it("is in force although the clock that pressed it is ahead", () => {
    expect(holder([], [["stop-1", { all: true, at: at("2026-03-10T00:00:30Z") }]])).toBe("stop-1");
  });

  it("tells the one that ends last, and of those the first by name", () => {
    const short = hold("a", { all: true, until: "2026-03-11" });
    const long = hold("c", { all: true, until: "2026-05-01" });
    const sameEnd: Pressed = ["b", { all: true, until: at("2026-05-01") }];
    expect(holder([short, long], [sameEnd])).toBe("b");
    expect(holder([long, short])).toBe("c");
  });
});
