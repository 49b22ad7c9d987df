import type { AuditEvent } from "../core/audit/entry.ts";
import { confirmedText } from "../core/history/step-words.ts";
import { addTo, type Instant } from "../core/model/instant.ts";
import { backoffSeconds, MAX_FAILURES } from "../core/rotation/backoff.ts";
import { nextMove } from "../core/rotation/decide.ts";
import { EFFECT_LIMIT_SECONDS } from "../core/rotation/lease.ts";
import { afterFailure, type Failure } from "../core/rotation/outcome.ts";
import type { Look } from "../core/rotation/situation.ts";
import { isOpen, park, release } from "../core/rotation/transition.ts";
import { waitText } from "../core/rotation/wait-text.ts";
import { areFacts } from "../core/state/same-facts.ts";
import type { Rotation, Status, Step } from "../core/state/status.ts";
import { lookAt } from "./look.ts";
import { forget, rotationOf, type Saga } from "./saga.ts";
import { rotationEvent, say } from "./trail.ts";
import { boundOf, failureOf, situationOf, type World } from "./world.ts";

/** Where a saga stands after everything that needs no pushed intent was done. */
export type Settled =
  | { readonly kind: "effect"; readonly step: Step; readonly newAttempt: boolean }
  /** Nothing more in this run. */
  | { readonly kind: "rest" }
  /** An emergency looks again shortly. */
  | { readonly kind: "poll" };

/** More moves without an effect than any rotation has: a circle in the decisions, which must not hang a run. */
const MOST_MOVES = 60;
/** How often an emergency tries a failing step again within one run, and how long it waits the first time. */
const EMERGENCY_TRIES = 5;
const EMERGENCY_PAUSE_SECONDS = 5;
/** What is over sooner is not worth a word. */
const MOMENT_SECONDS = 5;

/**
 * Follows a saga's decisions up to its next effect: asks what it must know, moves the record on, never changes
 * anything outside. Failures are in the record afterwards; it rejects only on a bug.
 */
export async function settle(saga: Saga, world: World, signal: AbortSignal): Promise<Settled> {
  const { ports } = world;
  if (saga.notBefore !== undefined && saga.notBefore > ports.clock.now()) return { kind: "poll" };
  saga.notBefore = undefined;
  for (let moves = 0; moves < MOST_MOVES; moves += 1) {
    if (signal.aborted) return { kind: "rest" };
    if (!isOpen(saga.status.rotation)) return closed(saga, ports.clock.now());
    try {
      await boundOf(saga, world, limited(world, signal));
    } catch (error) {
      return failInPlace(saga, failureOf(error), world);
    }
    const before = saga.status;
    const move = nextMove(before, situationOf(saga, world));
    switch (move.kind) {
      case "rest":
        return rested(saga, move.status, ports.clock.now());
      case "poll":
        tellStay(saga, move.until, world);
        return { kind: "poll" };
      case "effect":
        saga.status = move.status;
        return move;
      case "go":
        moved(saga, before, move.status, move.event, move.detail, ports.clock.now());
        break;
      case "look": {
        const failed = await ask(saga, move.look, world, signal);
        if (failed !== undefined && move.look === "recovery") return failInPlace(saga, failed, world);
        if (failed !== undefined) return failLook(saga, rotationOf(saga).step, failed, world);
        if (saga.status.rotation?.step !== before.rotation?.step) forget(saga);
      }
    }
  }
  throw new Error(`${saga.name}: its decisions go in a circle at ${rotationOf(saga).step}`);
}

async function ask(saga: Saga, look: Look, world: World, signal: AbortSignal): Promise<Failure | undefined> {
  try {
    await lookAt(saga, look, world, limited(world, signal));
    return undefined;
  } catch (error) {
    return failureOf(error);
  }
}

/** A question takes no longer than an effect may. */
function limited(world: World, signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, world.ports.timeLimit(EFFECT_LIMIT_SECONDS)]);
}

function moved(saga: Saga, before: Status, after: Status, event: string, detail: string, now: Instant): void {
  const step = before.rotation?.step;
  const told = rotationEvent(after, event, now, {
    ...(step === undefined ? {} : { step }),
    outcome: event === "rotation.parked" ? "parked" : "done",
    detail: { ...whyTold(event, after), reason: detail },
  });
  saga.events.push(told);
  if (event === "rotation.parked") say(saga, "error", `parked: ${detail}`);
  else if (event === "rotation.recovered") say(saga, "warning", `a run died at ${step}: ${detail}`);
  else if (event === "evidence.used") say(saga, "warning", detail);
  else if (event === "rotation.confirmed") say(saga, "info", `${confirmedText(told)}: ${detail}`);
  saga.status = after;
  saga.ourIntent = false;
  forget(saga);
}

/** What an event says beside its reason: why a rotation is parked, and who has seen the new version in use. */
function whyTold(event: string, { rotation }: Status): NonNullable<AuditEvent["detail"]> {
  if (event === "rotation.parked") return { code: rotation?.parked?.code };
  return event === "rotation.confirmed" ? { proof: rotation?.confirmedBy } : {};
}

/** Whoever sits in front of an emergency is told once what it stays for, if that takes more than a moment. */
function tellStay(saga: Saga, until: Instant, { ports }: World): void {
  if (until <= addTo(ports.clock.now(), MOMENT_SECONDS)) return;
  const what =
    rotationOf(saga).step === "confirm"
      ? "proof that the new version is in use"
      : "what a run that died had sent and may still arrive";
  const text = `stays and waits for ${what}, until ${until} at the latest`;
  if (saga.lines.some((line) => line.text === `${saga.name}: ${text}`)) return;
  say(saga, "info", text);
  ports.progress.step(`${saga.name}: ${text}`);
}

/** The record as it waits; said once, when the reason changes. */
function rested(saga: Saga, status: Status, now: Instant): Settled {
  const wait = status.rotation?.wait;
  const before = saga.tip?.rotation?.wait;
  const news =
    wait?.why !== before?.why ||
    wait?.until !== before?.until ||
    (wait !== undefined && areFacts(wait) && wait.detail !== before?.detail);
  if (wait !== undefined && news) {
    saga.events.push(
      rotationEvent(status, "rotation.waiting", now, { outcome: "waiting", detail: { ...wait } }),
    );
  }
  if (wait !== undefined) say(saga, wait.why === "backoff" ? "warning" : "info", waitLine(wait));
  saga.status = status;
  saga.finished = true;
  return { kind: "rest" };
}

function waitLine(wait: NonNullable<Rotation["wait"]>): string {
  const until = wait.until === undefined ? "" : `, until ${wait.until}`;
  const detail = wait.detail === undefined ? "" : `: ${wait.detail}`;
  return `waits for ${waitText(wait)}${until}${detail}`;
}

function closed(saga: Saga, now: Instant): Settled {
  saga.finished = true;
  // A word about a credential at rest opens nothing, so there is nothing to close.
  const before = saga.tip?.rotation?.id;
  if (before === saga.status.rotation?.id && !isOpen(saga.tip?.rotation)) return { kind: "rest" };
  const outcome = saga.status.rotation?.outcome ?? "done";
  saga.events.push(
    rotationEvent(saga.status, "rotation.closed", now, {
      outcome: outcome === "done" ? "done" : "failed",
      detail: { outcome },
    }),
  );
  say(saga, outcome === "done" ? "info" : "warning", outcome === "done" ? "done" : `ended: ${outcome}`);
  if (outcome === "done" && saga.status.rotation?.recipe === "value") remindOfTheRest(saga, now);
  saga.finished = true;
  return { kind: "rest" };
}

/** What only a person can do after their value was delivered: write down the day, and end the old one. */
function remindOfTheRest(saga: Saga, now: Instant): void {
  const { manual } = rotationOf(saga).pinned.credential.spec;
  const place = manual?.console === undefined ? "" : ` at ${manual.console}`;
  const steps = manual?.steps === undefined ? "" : ` (${manual.steps})`;
  say(saga, "info", `next, commit the new date: cre rotated ${saga.name} --at ${now}`);
  say(
    saga,
    "info",
    `then end the old one${place}${steps}${manual?.oldLives === undefined ? "" : `, at the latest ${manual.oldLives} from now`}`,
  );
}

/** A look failed: counted like a failed effect. An emergency tries again within the run, anything else in a later one. */
function failLook(saga: Saga, step: Step, failure: Failure, world: World): Settled {
  recordFailure(saga, step, failure, world);
  return afterTry(saga, world);
}

/**
 * The provider could not even be asked. Whatever the record says about the step stays as it is, above all that its
 * effect may have happened: only the failure is counted.
 */
function failInPlace(saga: Saga, failure: Failure, world: World): Settled {
  const now = world.ports.clock.now();
  const rotation = rotationOf(saga);
  const failures = rotation.failures + 1;
  const wait = {
    why: "backoff",
    until: addTo(now, backoffSeconds(failures, jitterOf(world))),
    detail: failure.message,
  } as const;
  const record = { step: rotation.step, code: failure.code, message: failure.message, at: now };
  const counted: Status = { ...saga.status, rotation: { ...rotation, failures, failure: record, wait } };
  note(
    saga,
    counted,
    rotation.step,
    failure,
    failures >= MAX_FAILURES ? park(counted, failure.code, failure.message, ["retry"], now) : counted,
    now,
  );
  return afterTry(saga, world);
}

/** What follows a failed try: backoff in the record, or a short pause for an emergency. */
export function afterTry(saga: Saga, world: World): Settled {
  const { rotation } = saga.status;
  const now = world.ports.clock.now();
  if (
    isOpen(rotation) &&
    rotation.outcome === "open" &&
    rotation.emergency &&
    saga.failures < EMERGENCY_TRIES
  ) {
    saga.notBefore = addTo(now, EMERGENCY_PAUSE_SECONDS * 2 ** (saga.failures - 1));
    const why = saga.lines.at(-1)?.text ?? `${saga.name}: failed`;
    world.ports.progress.warn(`${why} (tried again at ${saga.notBefore})`);
    return { kind: "poll" };
  }
  if (
    isOpen(rotation) &&
    rotation.step === "abort" &&
    rotation.phase === "ready" &&
    rotation.outcome === "open" &&
    saga.failures < 2
  ) {
    return { kind: "poll" };
  }
  saga.status = release(saga.status);
  saga.finished = true;
  return { kind: "rest" };
}

/** A bug in one credential's decisions must not stop the others: what was not pushed of it is forgotten. */
export function breakOff(saga: Saga, error: unknown, now: Instant): void {
  if (saga.tip !== undefined) saga.status = saga.tip;
  const what = error instanceof Error ? `${error.name}: ${error.message}` : "an unknown value";
  saga.events = [];
  say(saga, "error", `stopped at ${now} by a bug, please report it (${what})`);
  saga.failures += 1;
  saga.finished = true;
}

/** Counts a failed step in the record, in the trail and for people. */
export function recordFailure(saga: Saga, step: Step, failure: Failure, world: World): void {
  const around = { ...situationOf(saga, world), jitter: jitterOf(world) };
  note(
    saga,
    saga.status,
    step,
    failure,
    afterFailure(saga.status, step, failure, around),
    world.ports.clock.now(),
  );
}

function note(saga: Saga, before: Status, step: Step, failure: Failure, after: Status, now: Instant): void {
  const parked = after.rotation?.outcome === "parked";
  const detail = { code: failure.code, reason: failure.message };
  saga.events.push(
    rotationEvent(before, "step.failed", now, {
      step,
      outcome: failure.refused ? "refused" : "unknown",
      detail: { ...detail, final: failure.final },
    }),
  );
  if (parked) {
    saga.events.push(rotationEvent(after, "rotation.parked", now, { step, outcome: "parked", detail }));
  }
  say(saga, "error", `${step} failed${parked ? ", parked until a person looks" : ""}: ${failure.message}`);
  saga.failures += 1;
  saga.ourIntent = false;
  saga.status = after;
  forget(saga);
}

/** 0..1 from the run's randomness. */
export function jitterOf(world: World): number {
  const [a = 0, b = 0] = world.ports.random.bytes(2);
  return (a * 256 + b) / 65_536;
}
