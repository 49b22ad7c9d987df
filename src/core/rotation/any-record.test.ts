import { Compile } from "typebox/compile";
import { expect, test } from "vitest";
import { fresh, NOON, old, record, shown, situation } from "../../testing/engine/record.ts";
import { RECIPES, type Rotation, STEPS, Status } from "../state/status.ts";
import { nextMove } from "./decide.ts";
import { emergencyCourse } from "./emergency.ts";
import { type Applied, afterApplied, afterFailure } from "./outcome.ts";
import { reconcile } from "./reconcile.ts";
import { recover } from "./recovery.ts";
import { answer } from "./request.ts";
import type { Sights } from "./situation.ts";
import { escalated, intend, park, release, repinned, waiting } from "./transition.ts";

/**
 * Records are files, so that any combination that their schema admits may be read, also ones that no rotation comes to.
 * Whatever happens to one of these gives a record again, or an error that says what is wrong with it.
 */

const validator = Compile(Status);
const DOCUMENTED = [
  /: no rotation is open$/,
  /^(confirm|issued|promoted|applied) without an attempt$/,
  /^in force without having been issued$/,
  /^adopted nothing$/,
  /^an order without a reference$/,
  /^(preflight|verify|collect|confirm) has no effect$/,
];

const ATTEMPTS: readonly (Rotation["attempt"] | undefined)[] = [
  undefined,
  { id: "attempt-1", number: 1, startedAt: NOON },
  { id: "attempt-1", number: 1, startedAt: NOON, handle: "b@1", slot: "b", createdAt: NOON },
];
const VERSIONS = [
  [],
  [old()],
  [old(), fresh({ promoted: true })],
  [old({ live: false, deactivatedAt: NOON }), fresh()],
];

function* records(): Generator<Status> {
  for (const recipe of RECIPES) {
    for (const step of STEPS) {
      for (const phase of ["ready", "intended"] as const) {
        for (const outcome of ["open", "parked", "done"] as const) {
          for (const emergency of [false, true]) {
            for (const attempt of ATTEMPTS) {
              for (const versions of VERSIONS) {
                const facts = { recipe, step, phase, outcome, emergency };
                yield record(
                  { ...facts, ...(attempt === undefined ? {} : { attempt, attempts: 1 }) },
                  versions,
                );
              }
            }
          }
        }
      }
    }
  }
}

const SIGHTS: Sights = {
  preflight: "passed",
  verified: "passed",
  newVersion: { confirming: [], use: { kind: "used", at: NOON, detail: "used" } },
  old: { kind: "silent", sampled: false, detail: "silent" },
  adoption: { kind: "refuse", code: "adoption-ambiguous", message: "two" },
};
const ISSUED: Applied = { issued: { handle: "b@1", slot: "b", createdAt: NOON } };
const WORD = {
  schemaVersion: 1,
  id: "request",
  credential: "orders-db",
  at: NOON,
  by: "alice",
  reason: "looked",
} as const;
const FAILURE = { code: "failed", message: "failed", final: false, refused: false };
const LEASE = { run: "run-1", epoch: 3, until: NOON };

/** Everything that can happen, as a name and what gives the next record; undefined: the record stays as it is. */
function eventsOf(status: Status): readonly (readonly [string, () => Status | undefined])[] {
  const around = { ...situation({ sights: SIGHTS }), jitter: 0.5 };
  const { rotation, versions } = status;
  const step = rotation?.step ?? "preflight";
  const sight = { observed: versions.map((fact) => shown(fact)), staged: [], pushed: [], newUsed: false };
  const moved = (hasSecret: boolean, ourIntent: boolean) => (): Status | undefined => {
    const sights = { ...SIGHTS, recovery: sight };
    const move = nextMove(status, situation({ sights, hasSecret, ourIntent }));
    return "status" in move ? move.status : undefined;
  };
  return [
    ["goes on", moved(false, false)],
    ["goes on with a secret", moved(true, false)],
    ["goes on with its intent", moved(true, true)],
    ["intend", () => intend(status, step, { epoch: 3, lease: LEASE }, NOON)],
    ["applied", () => afterApplied(status, step, {}, around)],
    ["applied and made", () => afterApplied(status, step, ISSUED, around)],
    ["refused", () => afterFailure(status, step, { ...FAILURE, refused: true }, around)],
    ["in doubt", () => afterFailure(status, step, FAILURE, around)],
    [
      "refused for good",
      () => afterFailure(status, step, { ...FAILURE, refused: true, final: true }, around),
    ],
    ["recover", () => recovered(status, recover(status, sight, around.shape, NOON))],
    ["reconcile", () => reconciled(status, reconcile(status, sight.observed))],
    ...(["retry", "proceed", "rollback"] as const).map(
      (verb) => [verb, () => answered(answer(status, { ...WORD, verb }, NOON))] as const,
    ),
    ["incident", () => void emergencyCourse(status, { at: NOON, because: "x", revokeFirst: true }, 2)],
    ["escalate", () => escalated(status, "incident")],
    ["repin", () => repinned(status, rotation?.pinned ?? fail())],
    ["park", () => park(status, "code", "words", ["retry"], NOON)],
    ["release", () => release(status)],
  ];
}

function fail(): never {
  throw new Error("no rotation");
}

function recovered(status: Status, found: ReturnType<typeof recover>): Status {
  if (found.kind === "wait") return waiting(status, { why: "backoff", until: found.until });
  return found.kind === "go" ? found.status : park(status, found.code, found.message, ["retry"], NOON);
}

function reconciled(status: Status, found: ReturnType<typeof reconcile>): Status | undefined {
  return found.kind === "behind" ? undefined : { ...status, versions: [...found.versions] };
}

function answered(given: ReturnType<typeof answer>): Status | undefined {
  return given.accepted ? given.status : undefined;
}

/** What came of an event: `record`, `nothing`, the words of an error, or what must not be. */
function outcomeOf(event: () => Status | undefined): string {
  let after: Status | undefined;
  try {
    after = event();
  } catch (error) {
    if (!(error instanceof Error) || error.constructor !== Error) return `throws ${String(error)}`;
    return DOCUMENTED.some((words) => words.test(error.message)) ? "error" : `throws ${String(error)}`;
  }
  if (after === undefined) return "nothing";
  if (validator.Check(after)) return "record";
  const [fault] = validator.Errors(after);
  return `no record: ${fault?.instancePath} ${fault?.message}`;
}

test("whatever a record says, an event gives a record or an error that was meant", {
  timeout: 60_000,
}, () => {
  const wrong = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const status of records()) {
    const text = JSON.stringify(status);
    for (const [name, event] of eventsOf(status)) {
      const outcome = outcomeOf(event);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      if (!["record", "nothing", "error"].includes(outcome)) wrong.set(`${name}: ${outcome}`, text);
    }
    if (JSON.stringify(status) !== text) wrong.set("an event changed the record it was given", text);
  }
  expect(Object.fromEntries(wrong)).toEqual({});
  expect(counts.get("record")).toBeGreaterThan(50_000);
});
