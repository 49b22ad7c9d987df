import { describe, expect, it } from "vitest";
import { ATTEMPT, confirmedRecord, fresh, old, record, shown } from "../../testing/engine/record.ts";
import { at } from "../../testing/evaluation/world.ts";
import type { ObservedVersion } from "../ports/rotator.ts";
import type { Rotation, Status, VersionFact } from "../state/status.ts";
import { currentVersion, reconcile } from "./reconcile.ts";

function told(status: Status, ...observed: readonly ObservedVersion[]): string {
  const found = reconcile(status, observed);
  if (found.kind === "behind") return found.code;
  const versions = found.versions.map(({ handle, live }) => `${handle}${live ? "" : " off"}`);
  const orphans = found.orphans.map(({ handle }) => `orphan ${handle}`);
  return [...versions, ...orphans].join(", ") || "nothing";
}

const atRest = (...versions: readonly VersionFact[]): Status => record({ outcome: "done" }, versions);
const during = (fact: Partial<Rotation>, ...versions: readonly VersionFact[]): Status =>
  record({ phase: "intended", ...fact }, versions);

const gone = { live: false, reactivatable: false };
const off = { live: false, reactivatable: true };
const unmarked = (version: ObservedVersion): ObservedVersion => {
  const { mark: _, ...rest } = version;
  return rest;
};
const foreign = { mark: { rotation: "theirs", attempt: "theirs", epoch: 1 } };

describe("the provider is ahead of the record", () => {
  it.each<[string, Status, readonly ObservedVersion[], string]>([
    [
      "a mark newer than the record",
      atRest(old()),
      [shown(old(), { mark: { rotation: "adoption", attempt: "attempt-0", epoch: 3 } })],
      "state-behind",
    ],
    ["a mark of ours that no record knows", atRest(old()), [shown(old()), shown(fresh())], "state-behind"],
    [
      "one that somebody only deactivated",
      atRest(old()),
      [shown(old()), shown(fresh(), off)],
      "state-behind",
    ],
    ["another mark in our slot", atRest(old()), [shown(old(), foreign)], "state-behind"],
    [
      "a live version that nobody recorded",
      atRest(old()),
      [shown(old()), unmarked(shown(fresh()))],
      "state-behind",
    ],
    ["the mark on our version is gone", atRest(old()), [unmarked(shown(old()))], "drift"],
    ["the version in use is gone", atRest(old()), [], "drift"],
    ["the version in use was switched off", atRest(old()), [shown(old(), off)], "drift"],
    [
      "one that we deactivated can log in again",
      confirmedRecord({ step: "revoke" }, old({ live: false, deactivatedAt: at("2026-03-01") })),
      [shown(old()), shown(fresh())],
      "drift",
    ],
  ])("%s", (_name, status, observed, code) => {
    expect(told(status, ...observed)).toBe(code);
  });
});

describe("no difference", () => {
  it.each<[string, Status, readonly ObservedVersion[], string]>([
    ["nothing changed", atRest(old()), [shown(old())], "a"],
    ["a revoked one's mark is left in its slot", atRest(old()), [shown(old()), shown(fresh(), gone)], "a"],
    [
      "so is that of the attempt that was just aborted",
      record({ step: "preflight" }, [old()]),
      [shown(old()), shown(fresh(), gone)],
      "a",
    ],
    [
      "an unmarked slot that nobody can log in with",
      atRest(old()),
      [shown(old()), unmarked(shown(fresh(), gone))],
      "a",
    ],
    ["the version in use came to its own end", atRest(old()), [shown(old(), gone)], "a off"],
    [
      "an old version that is not in use is gone",
      confirmedRecord({ step: "confirm" }),
      [shown(fresh())],
      "b@1",
    ],
    [
      "an old version that is not in use was switched off",
      confirmedRecord({ step: "confirm" }),
      [shown(old(), off), shown(fresh())],
      "a off, b@1",
    ],
    [
      "a new version that its provider does not show yet",
      record({ step: "collect", recipe: "signed" }, [old(), fresh()]),
      [shown(old())],
      "a, b@1",
    ],
    [
      "an issue that nobody recorded",
      during({ step: "issue" }, old()),
      [shown(old()), shown(fresh())],
      "a, orphan b@1",
    ],
    [
      "a late one, found by a later step",
      record({ step: "preflight" }, [old()]),
      [shown(old()), shown(fresh())],
      "a, orphan b@1",
    ],
    [
      "an apply that nobody recorded",
      during({ step: "apply", recipe: "in-place", attempt: ATTEMPT }, old()),
      [shown(fresh({ slot: "a" }))],
      "a, orphan b@1",
    ],
    [
      "a dead version of this rotation where the record has another",
      during({ step: "preflight" }, old()),
      [shown(fresh({ slot: "a", live: false }), { reactivatable: false })],
      "state-behind",
    ],
    [
      "an apply in the only slot that the record has forgotten",
      during({ step: "preflight", recipe: "in-place" }, old()),
      [shown(fresh({ slot: "a" }))],
      "state-behind",
    ],
    ["an abort that nobody recorded", during({ step: "abort" }, old(), fresh()), [shown(old())], "a"],
    [
      "a deactivation that nobody recorded",
      { ...confirmedRecord({ step: "deactivate", phase: "intended" }) },
      [shown(old(), off), shown(fresh())],
      "a off, b@1",
    ],
    [
      "that of a retired one, which was in use",
      during({ step: "deactivate", recipe: "retire" }, old()),
      [shown(old(), off)],
      "a off",
    ],
    [
      "a reactivation that nobody recorded",
      confirmedRecord(
        { step: "reactivate", phase: "intended" },
        old({ live: false, deactivatedAt: at("2026-03-01") }),
      ),
      [shown(old()), shown(fresh())],
      "a, b@1",
    ],
    [
      "a revocation that nobody recorded keeps what it ended on record",
      confirmedRecord({ step: "revoke", phase: "intended" }, old({ live: false })),
      [shown(fresh())],
      "a off, b@1",
    ],
    ["so does one of the version in use", during({ step: "revoke", recipe: "retire" }, old()), [], "a off"],
    [
      "also while parked",
      during({ step: "revoke", recipe: "retire", outcome: "parked" }, old()),
      [],
      "a off",
    ],
    [
      "versions of a provider without marks",
      atRest(old({ mark: undefined as never })),
      [unmarked(shown(old()))],
      "a",
    ],
  ])("%s", (_name, status, observed, expected) => {
    expect(told(status, ...observed)).toBe(expected);
  });

  it("a closed rotation excuses nothing", () => {
    const closed = record({ step: "revoke", phase: "intended", outcome: "done", recipe: "retire" }, [old()]);
    expect(told(closed)).toBe("drift");
  });

  it("what the provider says of life, end and mark is taken over", () => {
    const observed = shown(old(), {
      expiresAt: at("2027-01-01"),
      mark: { rotation: "adoption", attempt: "attempt-0", epoch: 2 },
    });
    expect(reconcile(atRest(old()), [observed])).toMatchObject({
      versions: [
        { expiresAt: "2027-01-01T00:00:00Z", mark: { epoch: 2 }, createdAt: "2026-01-01T00:00:00Z" },
      ],
    });
  });
});

describe("the version in use", () => {
  it.each<[string, readonly VersionFact[], string | undefined]>([
    ["the newest that was promoted", [old(), fresh({ promoted: true })], "b@1"],
    ["whatever its place", [fresh({ promoted: true }), old()], "b@1"],
    ["never one that was not", [old(), fresh()], "a"],
    [
      "of two from one second the one recorded last",
      [old(), fresh({ promoted: true, createdAt: at("2026-01-01") })],
      "b@1",
    ],
    ["none", [fresh()], undefined],
  ])("%s", (_name, versions, handle) => {
    expect(currentVersion(versions)?.handle).toBe(handle);
  });
});
