import { EffectError } from "../core/model/errors.ts";
import type { BoundRotator, Evidence, Fence, ObservedVersion } from "../core/ports/rotator.ts";
import { isInPlace } from "../core/rotation/recipe.ts";
import { observedOf, retiring } from "../core/rotation/transition.ts";
import { heldBy } from "./look.ts";
import type { Bound } from "./ports.ts";
import { rotationOf, type Saga } from "./saga.ts";
import { checkTurn, consignment, NOTHING, type Performed } from "./turn.ts";
import type { World } from "./world.ts";

/** Drops the attempt everywhere: first where consumers could find it, then at the provider, only ours and never a promoted one. */
export async function abort(saga: Saga, bound: Bound, world: World, signal: AbortSignal): Promise<Performed> {
  const rotation = rotationOf(saga);
  if (rotation.attempt !== undefined) {
    for (const delivery of bound.deliveries) {
      checkTurn(saga, world, signal);
      saga.target = delivery.label;
      await delivery.abort?.(consignment(saga), signal);
    }
    saga.target = undefined;
  }
  if (bound.rotator !== undefined && !isInPlace(rotation.recipe)) {
    for (const version of await bound.rotator.observe(signal, saga.status.versions)) {
      if (version.mark?.rotation !== rotation.id || isInUse(saga, version)) continue;
      await dropAtTargets(saga, bound, version, world, signal);
      checkTurn(saga, world, signal);
      await bound.rotator.revoke(version, fenceOf(saga, version), signal);
    }
  }
  saga.issued = undefined;
  return NOTHING;
}

/**
 * The record may be older than the world (somebody set the state branch back): a version of ours that a target uses is
 * no orphan, whatever the record says. A target that stages refuses to drop it; one that only takes is asked.
 */
async function dropAtTargets(
  saga: Saga,
  { deliveries }: Bound,
  { mark, handle, createdAt }: ObservedVersion,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const rotation = rotationOf(saga);
  if (mark === undefined) return;
  const credential = rotation.pinned.credential.metadata.name;
  const parcel = { credential, ...mark, handle, issuedAt: createdAt ?? rotation.openedAt };
  // What the present attempt has at its targets is dropped already.
  for (const delivery of mark.attempt === rotation.attempt?.id ? [] : deliveries) {
    checkTurn(saga, world, signal);
    saga.target = delivery.label;
    await delivery.abort?.(parcel, signal);
  }
  saga.target = undefined;
  const pushing = deliveries.filter((delivery) => delivery.push !== undefined);
  for (const { label, held } of await heldBy(pushing, signal)) {
    if (held === "unknown" || held.current !== mark.attempt) continue;
    throw new EffectError(
      "refused",
      "state-behind",
      `${handle} is what ${label} uses, but ${saga.name} has no record of that`,
      {
        fix: "find out who set the state branch back, and bring back what it had recorded",
        retryable: false,
      },
    );
  }
}

function isInUse(saga: Saga, version: ObservedVersion): boolean {
  return saga.status.versions.some(
    (fact) => fact.promoted && fact.slot === version.slot && fact.mark?.attempt === version.mark?.attempt,
  );
}

/** An effect on a version needs the mark that was seen on it, and leaves the same one with the epoch of this lease. */
function fenceOf(saga: Saga, version: ObservedVersion): Fence {
  const { epoch } = saga.status;
  const own = version.mark ?? {
    rotation: rotationOf(saga).id,
    attempt: rotationOf(saga).attempt?.id ?? "none",
  };
  return { expected: version.mark, next: { rotation: own.rotation, attempt: own.attempt, epoch } };
}

/** One step on every version that this rotation ends. */
export async function end(
  saga: Saga,
  step: "deactivate" | "reactivate" | "revoke",
  rotator: BoundRotator,
  world: World,
  signal: AbortSignal,
): Promise<Performed> {
  const observed = await rotator.observe(signal, saga.status.versions);
  for (const fact of retiring(saga.status)) {
    const version = observedOf(fact, observed);
    // Gone already, or no longer what we recorded: another mark makes it somebody else's.
    if (version === undefined) continue;
    checkTurn(saga, world, signal);
    await rotator[step]?.(version, fenceOf(saga, version), signal);
  }
  return NOTHING;
}

/** Ends what the ended versions had minted, and gives the proof. */
export async function contain(
  saga: Saga,
  rotator: BoundRotator,
  world: World,
  signal: AbortSignal,
): Promise<Performed> {
  const rotation = rotationOf(saga);
  // What logged in with the old secret did so before the new one was in force.
  const since = rotation.attempt?.createdAt ?? rotation.since;
  const evidence: Evidence[] = [];
  for (const { handle, slot } of rotation.ended ?? []) {
    const ended: ObservedVersion = { handle, slot, live: false, reactivatable: false };
    checkTurn(saga, world, signal);
    evidence.push(...((await rotator.contain?.(ended, since, signal)) ?? []));
  }
  return { applied: {}, evidence };
}
