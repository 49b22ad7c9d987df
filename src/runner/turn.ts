import { EffectError } from "../core/model/errors.ts";
import type { Consignment } from "../core/ports/delivery.ts";
import type { Evidence, Mark, ObservedVersion } from "../core/ports/rotator.ts";
import { mayGoOn } from "../core/rotation/lease.ts";
import type { Applied } from "../core/rotation/outcome.ts";
import { observedOf } from "../core/rotation/transition.ts";
import { rotationOf, type Saga } from "./saga.ts";
import type { World } from "./world.ts";

/** What an effect left behind, with its proof where it gives one. */
export interface Performed {
  readonly applied: Applied;
  readonly evidence: readonly Evidence[];
}

export const NOTHING: Performed = { applied: {}, evidence: [] };

/**
 * Asked before every single call of an effect: a process that was stopped in the middle (a suspended machine, a long
 * pause) must not go on where it was, since its lease may be another run's by now. What was done of the effect so far
 * is for the probes to say.
 */
export function checkTurn(saga: Saga, world: World, signal: AbortSignal): void {
  signal.throwIfAborted();
  if (mayGoOn(rotationOf(saga), world.ports.clock.now())) return;
  throw new EffectError("unknown", "stopped", "this run was stopped for longer than its intent holds", {
    fix: "nothing: the next run asks what happened and goes on",
  });
}

/** The mark of the present attempt under the lease of this run. */
export function markOf(saga: Saga): Mark {
  const rotation = rotationOf(saga);
  if (rotation.attempt === undefined) throw new Error(`${saga.name}: a mark needs an attempt`);
  return { rotation: rotation.id, attempt: rotation.attempt.id, epoch: saga.status.epoch };
}

/** What targets are told about the present attempt. */
export function consignment(saga: Saga): Consignment {
  const rotation = rotationOf(saga);
  const { attempt } = rotation;
  if (attempt === undefined) throw new Error(`${saga.name}: nothing was issued`);
  return {
    // The name that the target knows: a rename meanwhile changes nothing for an open rotation.
    credential: rotation.pinned.credential.metadata.name,
    rotation: rotation.id,
    attempt: attempt.id,
    handle: attempt.handle ?? attempt.id,
    issuedAt: attempt.createdAt ?? attempt.startedAt,
  };
}

/** Of what the provider shows, the versions that are on record. */
export function knownVersions(saga: Saga, observed: readonly ObservedVersion[]): readonly ObservedVersion[] {
  return saga.status.versions.flatMap((fact) => observedOf(fact, observed) ?? []);
}
