import { addTo, type Instant } from "../../../core/model/instant.ts";
import { nextMove } from "../../../core/rotation/decide.ts";
import { emergencyCourse } from "../../../core/rotation/emergency.ts";
import { NO_GATES } from "../../../core/rotation/gate.ts";
import { answer } from "../../../core/rotation/request.ts";
import type { Situation } from "../../../core/rotation/situation.ts";
import { escalated, intend, isOpen, openRotation, repinned } from "../../../core/rotation/transition.ts";
import type { Request } from "../../../core/state/facts.ts";
import type { Status } from "../../../core/state/status.ts";
import { answersTo } from "./answers.ts";
import { muchLater, opened, type Place, presentOf, type Surroundings } from "./place.ts";
import type { EventName, Result } from "./result.ts";
import { effects, failedLooks, isTried, standing } from "./tries.ts";

interface Moment {
  readonly event: EventName;
  readonly key: string;
  readonly now: Instant;
  readonly change: Partial<Situation>;
}

function moments(place: Place): readonly Moment[] {
  const now = presentOf(place.status);
  const after = muchLater(now);
  // A person who asks for it changes nothing else.
  const backsOff = place.status.rotation?.wait?.why === "backoff";
  const hold = { name: "stop", until: addTo(after, 60), reason: "stop" };
  return [
    { event: "goes on", key: "now", now, change: {} },
    { event: "goes on", key: "later", now: after, change: {} },
    ...(backsOff ? [{ event: "goes on", key: "asked", now, change: { explicit: true } } as const] : []),
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
