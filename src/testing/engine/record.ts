import type { ObservedVersion } from "../../core/ports/rotator.ts";
import { NO_GATES } from "../../core/rotation/gate.ts";
import type { Situation } from "../../core/rotation/situation.ts";
import type { Rotation, Status, VersionFact } from "../../core/state/status.ts";
import { at, rotation, status } from "../evaluation/world.ts";

/** Builders of records and situations for tests of the engine's decisions. */

/** Noon of the day on which everything in these tests happens. */
export const NOON = at("2026-03-10T12:00:00Z");

const [OLD_AGE, NEW_AGE] = [at("2026-01-01"), at("2026-03-02")];

/** The version that was there before: adopted and promoted, in slot `a`. */
export function old(fact: Partial<VersionFact> = {}): VersionFact {
  return {
    handle: "a",
    slot: "a",
    createdAt: OLD_AGE,
    live: true,
    promoted: true,
    origin: "adopted",
    mark: { rotation: "adoption", attempt: "attempt-0", epoch: 1 },
    ...fact,
  };
}

/** The version of the open rotation's attempt, in slot `b`. */
export function fresh(fact: Partial<VersionFact> = {}): VersionFact {
  return {
    handle: "b@1",
    slot: "b",
    createdAt: NEW_AGE,
    live: true,
    promoted: false,
    origin: "issued",
    mark: { rotation: "rotation-1", attempt: "attempt-1", epoch: 2 },
    ...fact,
  };
}

export const ATTEMPT: NonNullable<Rotation["attempt"]> = {
  id: "attempt-1",
  number: 1,
  startedAt: NEW_AGE,
  handle: "b@1",
  slot: "b",
  createdAt: NEW_AGE,
};

/** An open rotation of these versions; with an attempt if one of them is its own. */
export function record(fact: Partial<Rotation>, versions: readonly VersionFact[] = [old()]): Status {
  const own = versions.some(({ mark }) => mark?.attempt === ATTEMPT.id);
  return status("orders-db", {
    epoch: 2,
    versions: [...versions],
    rotation: rotation({ ...(own ? { attempt: ATTEMPT, attempts: 1 } : {}), ...fact }),
  });
}

/** Promoted and confirmed on 1 March: ready to end what was there before. */
export function confirmedRecord(fact: Partial<Rotation>, before: VersionFact = old()): Status {
  return record(
    {
      pointOfNoReturn: true,
      promotedAt: at("2026-03-02"),
      confirmedAt: at("2026-03-02"),
      confirmedBy: "consumer",
      ...fact,
    },
    [before, fresh({ promoted: true })],
  );
}

/** A two-slot provider that can do everything, one staging target, nothing in the way, nothing known. */
export function situation(fact: Partial<Situation> = {}): Situation {
  return {
    now: NOON,
    shape: { staging: 1, pushing: 0 },
    gates: NO_GATES,
    hasSecret: false,
    ourIntent: false,
    canDeactivate: true,
    canContain: true,
    documentGone: false,
    explicit: false,
    sights: {},
    ...fact,
  };
}

/** The version as its provider shows it, unchanged. */
export function shown(fact: VersionFact, change: Partial<ObservedVersion> = {}): ObservedVersion {
  const { handle, slot, live, mark } = fact;
  return { handle, slot, live, reactivatable: !live, ...(mark === undefined ? {} : { mark }), ...change };
}
