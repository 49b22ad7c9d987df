import { addTo, type Instant } from "../../../core/model/instant.ts";
import { adoptedVersion } from "../../../core/rotation/adoption.ts";
import { backoffSeconds, MAX_FAILURES } from "../../../core/rotation/backoff.ts";
import { nextMove } from "../../../core/rotation/decide.ts";
import { emergencyCourse } from "../../../core/rotation/emergency.ts";
import { NO_GATES } from "../../../core/rotation/gate.ts";
import { type Applied, afterApplied, afterFailure, type Failure } from "../../../core/rotation/outcome.ts";
import { answer } from "../../../core/rotation/request.ts";
import type { Look, Situation } from "../../../core/rotation/situation.ts";
import {
  escalated,
  intend,
  isOpen,
  openRotation,
  park,
  repinned,
} from "../../../core/rotation/transition.ts";
import type { Request } from "../../../core/state/facts.ts";
import type { Rotation, Status, Step } from "../../../core/state/status.ts";
import { answersTo, freeSlot } from "./answers.ts";
import { muchLater, opened, type Place, presentOf, type Surroundings } from "./place.ts";

/** What can happen to a rotation, one column of the table. */
export const EVENTS = [
  "goes on",
  "held or shut",
  "document gone",
  "applied",
  "refused",
  "in doubt",
  "look fails",
  "run dies",
  "retry",
  "proceed",
  "rollback",
  "incident",
] as const;
export type EventName = (typeof EVENTS)[number];

/** What came of an event. */
export interface Result {
  readonly event: EventName;
  /** In a word or two: `rests (grace)`, `does stage`, `to confirm`, `refused`. */
  readonly word: string;
  /** Where it stands now; absent: as before. */
  readonly next?: Place;
  /** The record moved on without an effect: what must never go in a circle. The key tells situations apart. */
  readonly free?: string;
  /** An effect was decided and is intended next. */
  readonly effect?: Step;
  /** What was shut when it was decided. */
  readonly gate?: string;
}

interface Moment {
  readonly event: EventName;
  readonly key: string;
  readonly now: Instant;
  readonly change: Partial<Situation>;
}

function moments(place: Place): readonly Moment[] {
  const now = presentOf(place.status);
  const after = muchLater(now);
  const hold = { name: "stop", until: addTo(after, 60), reason: "stop" };
  return [
    { event: "goes on", key: "now", now, change: {} },
    { event: "goes on", key: "later", now: after, change: {} },
    { event: "goes on", key: "asked", now, change: { explicit: true } },
    { event: "held or shut", key: "hold", now: after, change: { gates: { ...NO_GATES, hold } } },
    {
      event: "held or shut",
      key: "window",
      now: after,
      change: { gates: { ...NO_GATES, window: { open: false } } },
    },
    { event: "document gone", key: "gone", now: after, change: { documentGone: true } },
  ];
}

function situation(place: Place, around: Surroundings, { now, change }: Moment): Situation {
  return {
    now,
    shape: around.shape,
    gates: NO_GATES,
    hasSecret: place.secret,
    ourIntent: place.ours,
    canDeactivate: around.able,
    canContain: around.able,
    documentGone: false,
    explicit: false,
    sights: {},
    ...change,
  };
}

/** Everything that can happen at a place, with what comes of it. Throws only where the engine throws. */
export function happenings(place: Place, around: Surroundings): readonly Result[] {
  if (!isOpen(place.status.rotation)) return requests(place);
  return [
    ...moments(place).flatMap((moment) => decisions(place, around, moment)),
    ...(place.ours && isTried(place.status.rotation) ? effects(place, around) : []),
    ...(place.secret || place.ours
      ? [{ event: "run dies", word: "forgets", next: forgetful(place.status) } as const]
      : []),
    ...requests(place),
    ...incidents(place, around),
    ...repins(place),
  ];
}

/** A run goes on to the effect it intended, unless a look had the record parked meanwhile. */
function isTried({ phase, outcome }: Rotation): boolean {
  return phase === "intended" && outcome === "open";
}

function forgetful(status: Status): Place {
  return { status, secret: false, ours: false };
}

function decisions(place: Place, around: Surroundings, moment: Moment): readonly Result[] {
  const { event, key } = moment;
  const base = situation(place, around, moment);
  const first = nextMove(place.status, base);
  if (first.kind !== "look") return [decided(place, first, event, key, moment.now)];
  const answered = answersTo(first.look, place.status, around, moment.now).map(
    ({ status, sights, label }) => {
      const seen = { ...place, status };
      if (sights === undefined) {
        return { event, word: `finds ${label}`, next: seen, free: key } satisfies Result;
      }
      const move = nextMove(status, { ...base, sights });
      if (move.kind === "look") throw new Error(`asks for ${move.look} after the answer to ${first.look}`);
      return decided(seen, move, event, key, moment.now);
    },
  );
  return [...answered, ...(event === "goes on" ? failedLooks(place, first.look, base) : [])];
}

function decided(
  place: Place,
  move: Exclude<ReturnType<typeof nextMove>, { kind: "look" }>,
  event: EventName,
  key: string,
  now: Instant,
): Result {
  switch (move.kind) {
    case "rest": {
      const { rotation } = move.status;
      const why = rotation?.outcome === "parked" ? "parked" : (rotation?.wait?.why ?? "nothing");
      return { event, word: `rests (${why})`, next: forgetful(move.status) };
    }
    case "poll":
      return { event, word: "looks again shortly" };
    case "go": {
      const { rotation } = move.status;
      const outcome = rotation?.outcome ?? "done";
      const word = outcome === "parked" ? "parks" : outcome === "open" ? `to ${rotation?.step}` : outcome;
      return { event, word, next: { ...place, status: move.status, ours: false }, free: key };
    }
    case "effect": {
      const { id, attempts } = openRotation(move.status);
      const lease = { run: "run", epoch: 4, until: addTo(now, 900), holder: "host" };
      const attempt = { attempt: `${id}-attempt-${attempts + 1}` };
      const grant = { epoch: 4, lease, ...(move.newAttempt ? attempt : {}) };
      const status = intend(move.status, move.step, grant, now);
      // A new attempt has no secret yet, but for the value that a person gave.
      const secret = place.secret && !move.newAttempt;
      return {
        event,
        word: `does ${move.step}`,
        next: { status, secret, ours: true },
        effect: move.step,
        gate: key,
      };
    }
  }
}

const FAILURES: readonly (Failure & { readonly event: EventName })[] = [true, false].flatMap((refused) =>
  [false, true].map((final) => ({
    event: refused ? "refused" : "in doubt",
    code: "failed",
    message: "failed",
    refused,
    final,
  })),
);

function failedLooks(place: Place, look: Look, base: Situation): readonly Result[] {
  return FAILURES.map((failure) => {
    const status =
      look === "recovery"
        ? countedOnly(place.status, failure, base.now)
        : afterFailure(place.status, openRotation(place.status).step, failure, { ...base, jitter: 0 });
    return { event: "look fails", word: standing(status), next: { ...place, status, ours: false } };
  });
}

/** What a run notes when not even the probe could be asked. */
function countedOnly(status: Status, { code, message }: Failure, now: Instant): Status {
  const rotation = openRotation(status);
  const failures = rotation.failures + 1;
  const counted: Status = {
    ...status,
    rotation: {
      ...rotation,
      failures,
      failure: { step: rotation.step, code, message, at: now },
      wait: { why: "backoff", until: addTo(now, backoffSeconds(failures, 0)), detail: message },
    },
  };
  return failures >= MAX_FAILURES ? park(counted, code, message, ["retry"], now) : counted;
}

function standing({ rotation }: Status): string {
  if (rotation?.outcome !== "open") {
    return rotation?.outcome === "parked" ? "parks" : (rotation?.outcome ?? "nothing");
  }
  return `${rotation.phase === "intended" ? "asks about" : "to"} ${rotation.step}`;
}

/** The intended effect is tried: it happens, is refused, or nobody knows. */
function effects(place: Place, around: Surroundings): readonly Result[] {
  const rotation = openRotation(place.status);
  const moment: Moment = { event: "applied", key: "", now: presentOf(place.status), change: {} };
  const base = { ...situation(place, around, moment), jitter: 0 };
  const applied = outcomes(place, around, base.now).map(({ facts, secret }): Result => {
    const status = afterApplied(place.status, rotation.step, facts, base);
    return { event: "applied", word: standing(status), next: { status, secret, ours: false } };
  });
  const failed = FAILURES.map((failure): Result => {
    const status = afterFailure(place.status, rotation.step, failure, base);
    const lost = (rotation.step === "push" || rotation.step === "apply") && !failure.refused;
    return {
      event: failure.event,
      word: standing(status),
      next: { status, secret: place.secret && !lost, ours: false },
    };
  });
  return [...applied, ...failed];
}

function outcomes(
  { status, secret }: Place,
  around: Surroundings,
  now: Instant,
): readonly { readonly facts: Applied; readonly secret: boolean }[] {
  const { step, attempt, recipe, pinned } = openRotation(status);
  const made = (slot: string): Applied => ({
    issued: { handle: `${slot}@${attempt?.id}`, slot, createdAt: now },
  });
  switch (step) {
    case "issue": {
      const slot = freeSlot(status, around);
      return slot === undefined ? [] : [{ facts: made(slot), secret: true }];
    }
    case "stage":
    case "push":
    case "apply": {
      if (secret) return [{ facts: {}, secret }];
      // A provider's candidate is made where none is in memory; a person's value was there from the start.
      return [{ facts: made(recipe === "value" ? "value" : "a"), secret: true }];
    }
    case "adopt": {
      const mark = { rotation: status.rotation?.id ?? "", attempt: attempt?.id ?? "", epoch: status.epoch };
      const version = (slot: string, promoted: boolean) =>
        adoptedVersion(
          pinned.credential.spec,
          { handle: slot, slot, live: true, reactivatable: false },
          promoted,
          mark,
        );
      return [[version("a", true)], [version("a", true), version("b", false)]].map((versions) => ({
        facts: { adopted: { versions, identity: "simulated" } },
        secret: false,
      }));
    }
    case "abort":
      return [{ facts: {}, secret: false }];
    default:
      return [{ facts: {}, secret }];
  }
}

function requests(place: Place): readonly Result[] {
  return (["retry", "proceed", "rollback"] as const).map((verb) => {
    const now = addTo(presentOf(place.status), 1);
    const request: Request = {
      schemaVersion: 1,
      id: "request",
      verb,
      credential: "orders-db",
      at: now,
      by: "alice",
      reason: "looked at it",
    };
    const answered = answer(place.status, request, now);
    if (!answered.accepted) return { event: verb, word: "refused" };
    return { event: verb, word: standing(answered.status), next: forgetful(answered.status) };
  });
}

function incidents({ status }: Place, around: Surroundings): readonly Result[] {
  if (around.recipe === "value") return []; // for a person; the value that is on its way is what ends it
  const now = addTo(presentOf(status), 1);
  return [addTo(openRotation(status).openedAt, -1), now].map((since) => {
    const compromise = { at: since, because: "incident", revokeFirst: around.order === "revoke-first" };
    const found = emergencyCourse(status, compromise, around.slots);
    if (found.kind === "none") return { event: "incident", word: "goes on" };
    const turned =
      found.kind === "escalate"
        ? escalated(status, "incident")
        : opened(status, around, true, found.clearFirst, now);
    const word = found.kind === "escalate" ? "turns into it" : `anew at ${turned.rotation?.step}`;
    return { event: "incident", word, next: forgetful(turned) };
  });
}

/** Before its first effect a corrected document replaces what was pinned. */
function repins({ status, ...memory }: Place): readonly Result[] {
  const { phase, attempt, ended = [], step, emergency, pinned } = openRotation(status);
  const untouched = phase === "ready" && attempt === undefined && ended.length === 0 && !emergency;
  if (!untouched || (step !== "preflight" && step !== "adopt")) return [];
  return [{ event: "goes on", word: `to ${step}`, next: { status: repinned(status, pinned), ...memory } }];
}
