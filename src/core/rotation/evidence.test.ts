import { describe, expect, it } from "vitest";
import { confirmedRecord, record } from "../../testing/engine/record.ts";
import { at } from "../../testing/evaluation/world.ts";
import type { Held } from "../ports/delivery.ts";
import type { UseEvidence } from "../ports/rotator.ts";
import { type NewVersionSight, proofOf } from "./confirm.ts";
import { namedAttempts, oldSight } from "./old-use.ts";

const used = (day: string): UseEvidence => ({ kind: "used", at: at(day), detail: `used on ${day}` });
const silent = (sampled: boolean): UseEvidence => ({ kind: "silent", sampled, detail: "none" });
const unknown: UseEvidence = { kind: "unknown", detail: "no rights" };
const none = "no-facility" as const;

function heldOf(said: string): Held | "unknown" {
  if (said === "unknown") return said;
  if (said === "unclear") return { unclear: true };
  return said === "" ? {} : { current: said };
}

describe("what is known about the old versions", () => {
  const attempts = { old: new Set(["attempt-0"]), promoted: "attempt-1" };
  it.each<[string, Parameters<typeof oldSight>[0], string | undefined, unknown]>([
    ["all are silent", [silent(false), silent(false)], undefined, { kind: "silent", sampled: false }],
    ["one only in the present", [silent(false), silent(true)], undefined, { kind: "silent", sampled: true }],
    [
      "one is used, whatever the others",
      [silent(true), unknown, used("2026-03-01")],
      undefined,
      { kind: "used" },
    ],
    [
      "the last use of all",
      [used("2026-03-01"), used("2026-03-03"), used("2026-03-02")],
      undefined,
      { kind: "used", at: "2026-03-03T00:00:00Z" },
    ],
    ["nobody sees one of them", [silent(false), unknown], undefined, { kind: "unknown" }],
    ["nothing can tell of one of them", [silent(false), none], undefined, { kind: "no-facility" }],
    ["nobody sees one and nothing can tell of another", [unknown, none], undefined, { kind: "unknown" }],
    ["nothing is left to look at", [], undefined, { kind: "silent", sampled: false }],
    ["a target names it as current", [silent(false)], "attempt-0", { kind: "used" }],
    ["a target names the new one", [silent(false)], "attempt-1", { kind: "silent" }],
    ["a target names neither", [silent(false)], "people", { kind: "unknown", displaced: true }],
    ["a target names none any more", [silent(false)], "", { kind: "unknown", displaced: true }],
    [
      "a target names neither, and one was used",
      [used("2026-03-01")],
      "people",
      { kind: "used", at: "2026-03-01T00:00:00Z", displaced: true },
    ],
    ["a target names neither, and nothing can tell", [none], "people", { kind: "unknown", displaced: true }],
    ["a target cannot say", [silent(false)], "unknown", { kind: "silent" }],
    ["somebody else wrote there", [silent(false)], "unclear", { kind: "unknown", displaced: true }],
  ])("%s", (_name, uses, held, expected) => {
    const answer = held === undefined ? [] : [{ label: "hook", held: heldOf(held) }];
    expect(oldSight(uses, answer, attempts)).toMatchObject(expected as object);
  });

  it("what a target holds says nothing before it got the new version", () => {
    const answer = [{ label: "hook", held: { current: "people" } }];
    const sight = oldSight([silent(false)], answer, { ...attempts, promoted: undefined });
    expect(sight).toMatchObject({ kind: "silent" });
  });

  it("a last use proves no silence since while another version is unseen or only sampled", () => {
    for (const other of [unknown, silent(true), none]) {
      expect(oldSight([used("2026-03-01"), other], [], attempts)).not.toHaveProperty("at");
    }
  });
});

describe("the new version is in use", () => {
  const promotedAt = at("2026-03-01");
  const week = 604_800;
  const proof = (sight: NewVersionSight, now: string) =>
    proofOf(sight, "attempt-1", promotedAt, week, at(now));
  const hook = (held: NewVersionSight["confirming"][number]["held"]) => ({ label: "hook", held });

  it.each<[string, NewVersionSight, string, unknown]>([
    [
      "every consumer that can answer says so",
      { confirming: [hook({ current: "attempt-1" })], use: none },
      "2026-03-01",
      { confirmed: true, by: "consumer" },
    ],
    [
      "one still has another",
      {
        confirming: [hook({ current: "attempt-1" }), hook({ current: "attempt-0" })],
        use: used("2026-03-01"),
      },
      "2027-01-01",
      { confirmed: false, until: undefined },
    ],
    [
      "one does not answer",
      { confirming: [hook("unknown")], use: used("2026-03-01") },
      "2027-01-01",
      { confirmed: false },
    ],
    [
      "no consumer answers, the provider saw it",
      { confirming: [], use: used("2026-03-01") },
      "2026-03-01",
      { confirmed: true, by: "provider" },
    ],
    [
      "the provider did not see it yet",
      { confirming: [], use: silent(true) },
      "2026-03-07T23:59:59Z",
      { confirmed: false, until: "2026-03-08T00:00:00Z" },
    ],
    [
      "not within the longest idle time",
      { confirming: [], use: silent(true) },
      "2026-03-08",
      { confirmed: true, by: "none" },
    ],
    [
      "nobody could see it within that time",
      { confirming: [], use: unknown },
      "2026-03-08",
      { confirmed: true, by: "none" },
    ],
    [
      "a provider that sees every place does not, whatever a consumer says and however long it takes",
      { confirming: [hook({ current: "attempt-1" })], use: silent(true), providerDecides: true },
      "2027-01-01",
      { confirmed: false, until: undefined },
    ],
    [
      "it does, and a consumer has another",
      { confirming: [hook({ current: "attempt-0" })], use: used("2026-03-01"), providerDecides: true },
      "2027-01-01",
      { confirmed: false },
    ],
    [
      "it does, and so do the consumers",
      { confirming: [hook({ current: "attempt-1" })], use: used("2026-03-01"), providerDecides: true },
      "2026-03-01",
      { confirmed: true, by: "provider" },
    ],
    ["nothing can ever tell", { confirming: [], use: none }, "2026-03-01", { confirmed: true, by: "none" }],
  ])("%s", (_name, sight, now, expected) => {
    expect(proof(sight, now)).toMatchObject(expected as object);
  });
});

describe("attempts by which targets name a version", () => {
  it("are those of all that end, and of the one in use", () => {
    const { rotation, versions } = confirmedRecord({ step: "deactivate" });
    if (rotation === undefined) throw new Error("no rotation");
    const [before] = versions;
    const found = namedAttempts(rotation, before === undefined ? [] : [before]);
    expect(found).toEqual({ old: new Set(["attempt-0"]), promoted: "attempt-1" });
  });

  it("are none of what is retired: nothing takes its place at its targets", () => {
    const { rotation, versions } = record({ recipe: "retire", step: "deactivate" });
    if (rotation === undefined) throw new Error("no rotation");
    expect(namedAttempts(rotation, versions)).toEqual({ old: new Set(), promoted: undefined });
  });
});
