import { describe, expect, it } from "vitest";
import {
  at,
  credential,
  documents,
  evaluateAt,
  exception,
  only,
  policy,
  records,
  settings,
  sha256,
} from "../../testing/evaluation/world.ts";
import { canonical } from "../audit/seal.ts";
import type { SettingsSpec } from "../documents/settings.ts";
import { addTo } from "../model/instant.ts";
import type { GuardFact } from "../state/review-book.ts";
import { guardOf } from "./guard.ts";
import { learnGuard, settingsInForce } from "./settings-in-force.ts";
import { unsettledTargets } from "./target-standing.ts";
import { targetsOf } from "./targets.ts";

const NOW = at("2026-03-10");
const DAY = 86_400;
const GITHUB: SettingsSpec = { forge: { kind: "github" }, changes: { cooldown: "12h" } };

const learnt = (spec: SettingsSpec | undefined, known?: GuardFact, now = NOW) =>
  learnGuard(known, spec, "c1", now);
const inForce = (spec: SettingsSpec | undefined, known: GuardFact | undefined, now = NOW) =>
  guardOf(settingsInForce(spec, known, now));

describe("settings that ask for less before a changed target is used", () => {
  const { guard } = learnt(GITHUB);
  const strict = { approval: true, cooldown: DAY / 2 };

  it.each<[string, SettingsSpec | undefined]>([
    ["no forge", { changes: { cooldown: "12h" } }],
    ["no forge and no cooldown", { forge: { kind: "none" } }],
    ["a shorter cooldown", { ...GITHUB, changes: { cooldown: "0s" } }],
    ["nothing at all, because they are gone", undefined],
  ])("are not in force before they rested for a day: %s", (_, spec) => {
    expect(inForce(spec, guard)).toEqual(strict);
    expect(inForce(spec, guard, addTo(NOW, 90 * DAY))).toEqual(strict);
    const seen = learnt(spec, guard);
    expect(seen.events.map(({ event }) => event)).toEqual(["guard.loosened"]);
    expect(learnt(spec, seen.guard, addTo(NOW, DAY - 1)).events).toEqual([]);
    expect(inForce(spec, seen.guard, addTo(NOW, DAY - 1))).toEqual(strict);
    const later = addTo(NOW, DAY);
    expect(inForce(spec, seen.guard, later)).toEqual(guardOf(spec));
    expect(inForce(spec, learnt(spec, seen.guard, later).guard, later)).toEqual(guardOf(spec));
  });

  it("do not choose another forge that says who approved them", () => {
    const other: SettingsSpec = { ...GITHUB, forge: { kind: "github", repository: "mallory/credentials" } };
    expect(settingsInForce(other, guard, NOW)?.forge).toEqual({ kind: "github" });
    const token: SettingsSpec = { ...GITHUB, forge: { kind: "github", token: { env: "OTHER" } } };
    expect(settingsInForce(token, guard, NOW)).toEqual(token);
  });

  it("rest anew when they change again, and not at all once they are taken back", () => {
    const seen = learnt({ ...GITHUB, changes: { cooldown: "1h" } }, guard).guard;
    const none = learnt(undefined, seen, addTo(NOW, DAY - 1));
    expect(inForce(undefined, none.guard, addTo(NOW, DAY))).toEqual(strict);
    expect(learnt(GITHUB, seen).guard).toEqual(guard);
  });

  it("rest as long as the cooldown on record", () => {
    const week = learnt({ changes: { cooldown: "7d" } }).guard;
    const seen = learnt({}, week).guard;
    expect(inForce({}, seen, addTo(NOW, 7 * DAY - 1))).toEqual({ approval: false, cooldown: 7 * DAY });
    expect(inForce({}, seen, addTo(NOW, 7 * DAY))).toBeUndefined();
  });

  it("are in force at once where they ask for more, and nothing is recorded where they never asked", () => {
    expect(inForce({ ...GITHUB, changes: { cooldown: "3d" } }, guard)).toEqual({
      ...strict,
      cooldown: 3 * DAY,
    });
    expect(learnt(undefined)).toEqual({ guard: undefined, events: [] });
    const repository: SettingsSpec = {
      forge: { kind: "github", url: "https://a/", repository: "acme/credentials" },
    };
    for (const spec of [GITHUB, repository]) {
      const read = JSON.parse(canonical(learnt(spec).guard ?? {}));
      expect(learnt(spec, read).events).toEqual([]);
    }
  });

  it("let no target and no exception through meanwhile", () => {
    const key = credential("key", { deliver: [{ webhook: { connection: "hook" } }] });
    const freeze = exception("freeze", { credentials: ["key"], policy: "keys", approvedBy: "carol" });
    const [[name] = [""]] = [...targetsOf(documents(key), sha256)];
    const targets = { [name]: { accepted: { digest: "another", commit: "c0" } } };
    const books = {
      reviews: { schemaVersion: 1 as const, targets, ...(guard === undefined ? {} : { guard }) },
    };
    const none = settings({ forge: { kind: "none" } });
    const world = { documents: documents(key, none), state: records({ books }), now: NOW, sha256 };
    expect(unsettledTargets(world)).toMatchObject(new Map([[name, {}]]));
    const result = evaluateAt(NOW, [key, policy("keys", { rotateWithin: "30d" }), none, freeze], { books });
    expect(only(result).exception).toBeUndefined();
  });
});
