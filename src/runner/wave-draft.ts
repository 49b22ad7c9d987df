import { SETTINGS_DEFAULTS } from "../core/documents/settings.ts";
import { durationSeconds, type Instant } from "../core/model/instant.ts";
import { holdLease } from "../core/rotation/lease.ts";
import { intend } from "../core/rotation/transition.ts";
import type { Status, Step } from "../core/state/status.ts";
import type { Draft } from "./publication.ts";
import type { Saga } from "./saga.ts";
import type { Settled } from "./settle.ts";
import { rotationEvent, subjectOf } from "./trail.ts";
import type { World } from "./world.ts";

/** An effect that a saga wants to try next. */
export type Planned = Extract<Settled, { kind: "effect" }>;

/** The record with the intent of its next effect, under a lease of this run. */
export function intentOf(saga: Saga, { step, newAttempt }: Planned, world: World): Status {
  const { ports } = world;
  const now = ports.clock.now();
  const seconds = durationSeconds(
    world.inputs.documents.settings?.document.spec.limits?.lease ?? SETTINGS_DEFAULTS.lease,
  );
  const grant = holdLease(
    saga.status,
    { run: ports.identity.run, holder: ports.liveness.self, seconds },
    now,
  );
  return intend(saga.status, step, newAttempt ? { ...grant, attempt: ports.random.uuid() } : grant, now);
}

/** One commit for many credentials: the results they have, and the intents they are about to act on. */
export function draftOf(
  speaking: readonly Saga[],
  intended: ReadonlyMap<Saga, Status>,
  consumed: readonly string[],
  now: Instant,
): Draft {
  const events = speaking.flatMap((saga) => {
    const status = intended.get(saga);
    return status === undefined
      ? saga.events
      : [...saga.events, rotationEvent(status, "step.intended", now, { outcome: "intended" })];
  });
  const statuses = new Map(speaking.map((saga) => [saga.name, intended.get(saga) ?? saga.status]));
  const steps = new Map<string, Step>();
  for (const [saga, { rotation }] of intended) {
    if (rotation !== undefined) steps.set(saga.name, rotation.step);
  }
  return {
    statuses,
    events,
    subject: subjectOf(speaking, steps),
    trailers: trailersOf([...statuses.values()]),
    consumed,
  };
}

/** `git log` alone tells the story: which credential, which rotation, which step. */
function trailersOf(statuses: readonly Status[]): Draft["trailers"] {
  return statuses.flatMap(({ credential, rotation }) => [
    { key: "Credential" as const, value: credential },
    ...(rotation === undefined
      ? []
      : [
          { key: "Rotation" as const, value: rotation.id },
          { key: "Step" as const, value: rotation.step },
        ]),
  ]);
}
