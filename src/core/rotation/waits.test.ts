import fc from "fast-check";
import { expect, test } from "vitest";
import { confirmedRecord, NOON, old, record, situation } from "../../testing/engine/record.ts";
import { addTo, type Instant, later } from "../model/instant.ts";
import type { Lease, Rotation, Status } from "../state/status.ts";
import { backoffSeconds, MAX_FAILURES } from "./backoff.ts";
import { nextMove } from "./decide.ts";
import { soakSeconds } from "./ending.ts";
import { holdLease, leaseView, mayStartEffect } from "./lease.ts";
import { afterFailure } from "./outcome.ts";
import type { Sights } from "./situation.ts";

/** Every wait ends at the very second that the design says, and its record names that second. */

const DAY = 86_400;
const spans = fc.oneof(
  fc.integer({ min: 0, max: 400 * DAY }),
  fc.constantFrom(0, 1, DAY, 999_999_999 * 604_800),
);
const ago = fc.integer({ min: 0, max: 400 * DAY }).map((seconds) => addTo(NOON, -seconds));
const policies = fc.record({ gracePeriod: spans, quietPeriod: spans, soakPeriod: spans });

function withPolicy(status: Status, policy: Partial<Rotation["pinned"]["policy"]>): Status {
  const { rotation } = status;
  if (rotation === undefined) throw new Error("no rotation");
  const pinned = { ...rotation.pinned, policy: { ...rotation.pinned.policy, ...policy } };
  return { ...status, rotation: { ...rotation, pinned } };
}

/** What is done at an instant: the effect, or what is waited for and until when. */
function at(status: Status, now: Instant, sights: Sights): string {
  const move = nextMove(status, situation({ now, sights }));
  if (move.kind === "effect") return `does ${move.step}`;
  if (move.kind !== "rest") return move.kind;
  const { wait } = move.status.rotation ?? {};
  return `${wait?.why} until ${wait?.until}`;
}

/** What it does right before an instant, at it and long after; of a wait only until when it lasts. */
function around(status: Status, until: Instant, sights: Sights): readonly string[] {
  const before = at(status, addTo(until, -1), sights);
  const [, waits = before] = before.split(" until ");
  return [waits, at(status, until, sights), at(status, addTo(until, 400 * DAY), sights)];
}

test("the old version is deactivated once grace and quiet are both over", () => {
  const silence: Sights = { old: { kind: "silent", sampled: false, detail: "" } };
  fc.assert(
    fc.property(policies, ago, ago, (policy, confirmedAt, silentSince) => {
      const status = withPolicy(confirmedRecord({ step: "deactivate", confirmedAt, silentSince }), policy);
      const until = later(addTo(confirmedAt, policy.gracePeriod), addTo(silentSince, policy.quietPeriod));
      expect(around(status, until, silence)).toEqual([until, "does deactivate", "does deactivate"]);
    }),
  );
});

test("its quiet begins anew with the last use that the provider remembers", () => {
  fc.assert(
    fc.property(policies, ago, ago, (policy, confirmedAt, used) => {
      const last: Sights = { old: { kind: "used", at: used, detail: "" } };
      const status = withPolicy(confirmedRecord({ step: "deactivate", confirmedAt }), policy);
      const until = later(addTo(confirmedAt, policy.gracePeriod), addTo(used, policy.quietPeriod));
      fc.pre(addTo(until, -1) > used);
      expect(around(status, until, last)).toEqual([until, "does deactivate", "does deactivate"]);
    }),
  );
});

test("one that is in use this very second is not silent, however short its quiet", () => {
  fc.assert(
    fc.property(policies, ago, (policy, confirmedAt) => {
      const used: Sights = { old: { kind: "used", at: NOON, detail: "" } };
      const status = withPolicy(confirmedRecord({ step: "deactivate", confirmedAt }), {
        ...policy,
        quietPeriod: 0,
      });
      expect(at(status, NOON, used)).toBe("quiet until undefined");
    }),
  );
});

test("where nothing can tell whether it is used, its grace alone counts", () => {
  fc.assert(
    fc.property(policies, ago, (policy, confirmedAt) => {
      const status = withPolicy(confirmedRecord({ step: "deactivate", confirmedAt }), policy);
      const until = addTo(confirmedAt, policy.gracePeriod);
      const dark: Sights = { old: { kind: "no-facility" } };
      expect(around(status, until, dark)).toEqual([until, "does deactivate", "does deactivate"]);
    }),
  );
});

test("a person's word ends the soak if it is newer than the deactivation, not if it is of the same second", () => {
  const silence: Sights = { old: { kind: "silent", sampled: true, detail: "" } };
  const said = (seconds: number): string => {
    const deactivatedAt = addTo(NOON, -3600);
    const proceed = { by: "carol", reason: "looked", at: addTo(deactivatedAt, seconds) };
    const asleep = old({ live: false, deactivatedAt });
    return at(confirmedRecord({ step: "revoke", deactivatedAt, proceed }, asleep), NOON, silence);
  };
  expect([-1, 0, 1].map(said).map((told) => told.split(" ")[0])).toEqual(["soak", "soak", "does"]);
});

test("it is revoked once its soak is over, a doubled one where nobody could prove anything", () => {
  const silence: Sights = { old: { kind: "silent", sampled: true, detail: "" } };
  const evidence = fc.record({
    confirmedBy: fc.constantFrom("consumer", "provider", "none"),
    silentSince: fc.option(ago, { nil: undefined }),
  });
  fc.assert(
    fc.property(policies, ago, evidence, (policy, deactivatedAt, { confirmedBy, silentSince }) => {
      const known = silentSince === undefined ? {} : { silentSince };
      const asleep = old({ live: false, deactivatedAt });
      const fact = { step: "revoke", deactivatedAt, confirmedBy, ...known } as const;
      const status = withPolicy(confirmedRecord(fact, asleep), policy);
      const times = confirmedBy === "none" || silentSince === undefined ? 2 : 1;
      const rotation = status.rotation as Rotation; // confirmedRecord makes one
      expect(soakSeconds(rotation)).toBe(policy.soakPeriod * times);
      expect(around(status, addTo(deactivatedAt, policy.soakPeriod * times), silence)).toEqual([
        addTo(deactivatedAt, policy.soakPeriod * times),
        "does revoke",
        "does revoke",
      ]);
    }),
  );
});

test("an emergency asks for the proof of use until confirmWithin is over, and then goes on", () => {
  fc.assert(
    fc.property(fc.nat(10 * DAY), ago, (confirmWithin, promotedAt) => {
      const versions = confirmedRecord({}).versions;
      const fact = { step: "confirm", emergency: true, pointOfNoReturn: true, promotedAt } as const;
      const status = withPolicy(record(fact, versions), {
        emergency: { order: "replace-first", confirmWithin },
      });
      const sights: Sights = {
        newVersion: { confirming: [{ label: "hook", held: "unknown" }], use: "no-facility" },
      };
      const until = addTo(promotedAt, confirmWithin);
      expect(at(status, until, sights)).toBe("go");
      expect(nextMove(status, situation({ now: addTo(until, -1), sights }))).toEqual({ kind: "poll", until });
    }),
  );
});

test("after a failure it waits for its backoff, unless a person asks or it is an emergency", () => {
  const surroundings = { shape: situation().shape, canContain: true };
  const jitters = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.nat(MAX_FAILURES - 2), jitters, ago, (failures, jitter, now) => {
      const failure = { code: "failed", message: "no", final: false, refused: true };
      const before = record({ step: "preflight", failures });
      const status = afterFailure(before, "preflight", failure, { ...surroundings, now, jitter });
      const { wait } = status.rotation ?? {};
      const until = addTo(now, backoffSeconds(failures + 1, jitter));
      expect(wait).toMatchObject({ why: "backoff", until });
      expect(nextMove(status, situation({ now: addTo(until, -1) })).kind).toBe("rest");
      expect(nextMove(status, situation({ now: addTo(until, -1), explicit: true })).kind).toBe("look");
      expect(nextMove(status, situation({ now: until })).kind).toBe("look");
    }),
  );
});

test("backoff never grows shorter with failures or longer with jitter, and stays between an hour and 32", () => {
  const failures = fc.oneof(fc.nat(40), fc.constantFrom(1023, 1024, 100_000));
  const jitter = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(failures, fc.nat(5), jitter, jitter, (count, more, a, b) => {
      const seconds = backoffSeconds(count, a);
      expect(Number.isInteger(seconds)).toBe(true);
      expect(seconds).toBeGreaterThanOrEqual(0.9 * 3600);
      expect(seconds).toBeLessThanOrEqual(32 * 3600);
      expect(backoffSeconds(count + more, a)).toBeGreaterThanOrEqual(seconds);
      expect(b < a || backoffSeconds(count, b) <= seconds).toBe(true);
    }),
  );
});

/** Clocks of two machines may differ by so much. */
const SKEW = 60;
/** The longest that an effect takes. */
const EFFECT = 60;

test("no effect of a run is under way when another may take its lease, whatever their clocks show", () => {
  const skew = fc.integer({ min: -SKEW / 2, max: SKEW / 2 });
  const moments = fc.integer({ min: -2000, max: 2000 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3600 }),
      skew,
      skew,
      moments,
      moments,
      (length, one, other, began, seen) => {
        const taken = addTo(NOON, one);
        const { lease } = holdLease(record({}), { run: "run-1", holder: "host/1", seconds: length }, taken);
        const mayAct = mayStartEffect({ lease, since: taken }, "run-1", addTo(NOON, began + one));
        const view = leaseView(lease, "run-2", addTo(NOON, seen + other), () => false);
        const both = mayAct && view === "free" && seen >= began;
        expect(!both || seen > began + EFFECT).toBe(true);
        expect(mayStartEffect({ lease, since: taken }, "run-2", addTo(NOON, seen + other))).toBe(false);
        // Once free it stays so.
        const next = leaseView(lease, "run-2", addTo(NOON, seen + other + 1), () => false);
        expect(["held held", "held free", "free free"]).toContain(`${view} ${next}`);
      },
    ),
    { numRuns: 2000 },
  );
});

test("the epoch grows by one with every other run that takes the lease, and not when it is renewed", () => {
  const takers = fc.array(fc.constantFrom("run-1", "run-2", "run-3"), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(takers, (runs) => {
      let [epoch, lease]: [number, Lease | undefined] = [record({}).epoch, undefined];
      for (const [index, run] of runs.entries()) {
        const status = { ...record(lease === undefined ? {} : { lease }), epoch };
        const before = epoch;
        ({ epoch, lease } = holdLease(status, { run, holder: run, seconds: 900 }, NOON));
        expect(epoch).toBe(runs[index - 1] === run ? before : before + 1);
        expect(lease).toMatchObject({ run, epoch, until: addTo(NOON, 900) });
      }
    }),
  );
});
