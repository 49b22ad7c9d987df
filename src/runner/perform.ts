import { EffectError } from "../core/model/errors.ts";
import type { Consignment } from "../core/ports/delivery.ts";
import type { BoundRotator, Evidence, Fence, Issued, Mark, ObservedVersion } from "../core/ports/rotator.ts";
import { adoptedVersion } from "../core/rotation/adoption.ts";
import { mayGoOn } from "../core/rotation/lease.ts";
import type { Applied, IssuedFacts } from "../core/rotation/outcome.ts";
import { observedOf, retiring } from "../core/rotation/transition.ts";
import type { Step, VersionFact } from "../core/state/status.ts";
import { heldBy } from "./look.ts";
import type { Bound } from "./ports.ts";
import { rotationOf, type Saga } from "./saga.ts";
import { boundOf, type World } from "./world.ts";

/** What an effect left behind, with its proof where it gives one. */
export interface Performed {
  readonly applied: Applied;
  readonly evidence: readonly Evidence[];
}

const NOTHING: Performed = { applied: {}, evidence: [] };

/**
 * Does the one effect whose intent was pushed. Rejects with what the provider or target failed with; whether it
 * happened nevertheless is for the probes to say. Idempotent for the same attempt.
 */
export async function perform(saga: Saga, step: Step, world: World, signal: AbortSignal): Promise<Performed> {
  const bound = await boundOf(saga, world);
  switch (step) {
    case "adopt":
      return adopt(saga, rotatorOf(bound), world, signal);
    case "issue":
      return issue(saga, rotatorOf(bound), world, signal);
    case "apply":
      return apply(saga, rotatorOf(bound), world, signal);
    case "stage":
    case "push":
      return hand(saga, step, bound, world, signal);
    case "promote":
      for (const delivery of bound.deliveries) {
        checkTurn(saga, world, signal);
        await delivery.promote?.(consignment(saga), signal);
      }
      return NOTHING;
    case "abort":
      return abort(saga, bound, world, signal);
    case "deactivate":
    case "reactivate":
    case "revoke":
      return end(saga, step, rotatorOf(bound), world, signal);
    case "contain":
      return contain(saga, rotatorOf(bound), world, signal);
    case "preflight":
    case "verify":
    case "confirm":
      throw new Error(`${step} has no effect`);
  }
}

/**
 * Asked before every single call of an effect: a process that was stopped in the middle (a suspended machine, a long
 * pause) must not go on where it was, since its lease may be another run's by now. What was done of the effect so far
 * is for the probes to say.
 */
function checkTurn(saga: Saga, world: World, signal: AbortSignal): void {
  signal.throwIfAborted();
  if (mayGoOn(rotationOf(saga), world.ports.clock.now())) return;
  throw new EffectError("unknown", "stopped", "this run was stopped for longer than its intent holds", {
    fix: "nothing: the next run asks what happened and goes on",
  });
}

function rotatorOf(bound: Bound): BoundRotator {
  if (bound.rotator === undefined) throw new Error("a credential without a provider has no such step");
  return bound.rotator;
}

/** The mark of the present attempt under the lease of this run. */
function markOf(saga: Saga): Mark {
  const rotation = rotationOf(saga);
  if (rotation.attempt === undefined) throw new Error(`${saga.name}: a mark needs an attempt`);
  return { rotation: rotation.id, attempt: rotation.attempt.id, epoch: saga.status.epoch };
}

function consignment(saga: Saga): Consignment {
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

async function adopt(
  saga: Saga,
  rotator: BoundRotator,
  world: World,
  signal: AbortSignal,
): Promise<Performed> {
  const choice = saga.sights.adoption;
  if (choice?.kind !== "adopt") throw new Error(`${saga.name}: adopted without a choice`);
  const { spec } = rotationOf(saga).pinned.credential;
  const mark = markOf(saga);
  const versions: VersionFact[] = [];
  for (const version of [choice.current, ...choice.others]) {
    checkTurn(saga, world, signal);
    await rotator.adopt(version, mark, signal);
    // One that cannot log in is an empty slot: marked, so that nobody else takes it, and no version.
    if (version === choice.current || version.live) {
      versions.push(adoptedVersion(spec, version, version === choice.current, mark));
    }
  }
  return { applied: { adopted: { versions, identity: rotator.identity } }, evidence: [] };
}

async function issue(
  saga: Saga,
  rotator: BoundRotator,
  world: World,
  signal: AbortSignal,
): Promise<Performed> {
  if (rotator.issue === undefined) throw new Error(`${saga.name}: this provider replaces in place`);
  const occupied = knownVersions(saga, await rotator.observe(signal));
  checkTurn(saga, world, signal);
  const version = await rotator.issue(markOf(saga), occupied, signal);
  return { applied: { issued: await keep(saga, version, world) }, evidence: [] };
}

function knownVersions(saga: Saga, observed: readonly ObservedVersion[]): readonly ObservedVersion[] {
  return saga.status.versions.flatMap((fact) => observedOf(fact, observed) ?? []);
}

/** Keeps the secret in memory for the steps that need it, and gives its public facts. */
async function keep(saga: Saga, version: Issued, world: World): Promise<IssuedFacts> {
  const { attempt } = markOf(saga);
  saga.issued = { attempt, version };
  const tag = await world.ports.tag(saga.name, attempt, version.parts, world.inputs.documents);
  const { handle, slot, createdAt, expiresAt } = version;
  return {
    handle,
    slot,
    createdAt,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(tag === undefined ? {} : { tag }),
  };
}

/** In place: the candidate exists in memory before anything changes anywhere. */
async function candidate(
  saga: Saga,
  rotator: BoundRotator,
  world: World,
  signal: AbortSignal,
): Promise<IssuedFacts> {
  if (rotator.generate === undefined) {
    throw new Error(`${saga.name}: this provider does not replace in place`);
  }
  const [known] = knownVersions(saga, await rotator.observe(signal));
  const current = known ?? endedVersion(saga);
  if (current === undefined) {
    throw new EffectError("refused", "version-gone", "the version in use is not at the provider any more", {
      evidence: "it was there when this rotation began: somebody else has changed it meanwhile",
    });
  }
  return keep(saga, await rotator.generate(markOf(saga), current, signal), world);
}

/** In place, an emergency that revoked first makes the next version in the slot that it freed. */
function endedVersion(saga: Saga): ObservedVersion | undefined {
  const ended = rotationOf(saga).ended?.at(-1);
  return ended === undefined ? undefined : { ...ended, live: false, reactivatable: false };
}

async function apply(
  saga: Saga,
  rotator: BoundRotator,
  world: World,
  signal: AbortSignal,
): Promise<Performed> {
  if (rotator.apply === undefined) throw new Error(`${saga.name}: this provider does not replace in place`);
  const mark = markOf(saga);
  const issued =
    saga.issued?.attempt === mark.attempt ? undefined : await candidate(saga, rotator, world, signal);
  if (saga.issued === undefined) throw new Error(`${saga.name}: no candidate to apply`);
  const [current] = knownVersions(saga, await rotator.observe(signal));
  checkTurn(saga, world, signal);
  await rotator.apply(saga.issued.version, { expected: current?.mark, next: mark }, signal);
  return { applied: issued === undefined ? {} : { issued }, evidence: [] };
}

/** The secret that comes into being with its first delivery: a person's value, or the candidate of a rotation in place. */
async function firstSecret(
  saga: Saga,
  bound: Bound,
  world: World,
  signal: AbortSignal,
): Promise<IssuedFacts> {
  if (rotationOf(saga).recipe !== "value") return candidate(saga, rotatorOf(bound), world, signal);
  if (saga.given === undefined) throw new Error(`${saga.name}: the value was given to another run`);
  const { attempt } = markOf(saga);
  return keep(
    saga,
    { handle: `value-${attempt}`, slot: "value", createdAt: world.ports.clock.now(), parts: saga.given },
    world,
  );
}

/** Hands the new version to its targets: beside the current one where they stage, in its place where they only take. */
async function hand(
  saga: Saga,
  step: "stage" | "push",
  bound: Bound,
  world: World,
  signal: AbortSignal,
): Promise<Performed> {
  const facts =
    saga.issued?.attempt === markOf(saga).attempt ? undefined : await firstSecret(saga, bound, world, signal);
  if (saga.issued === undefined) throw new Error(`${saga.name}: no secret to hand over`);
  const { handle, createdAt, parts } = saga.issued.version;
  const parcel: Consignment = { ...consignment(saga), handle, issuedAt: createdAt };
  for (const delivery of bound.deliveries) {
    checkTurn(saga, world, signal);
    if (step === "stage") await delivery.stage?.(parcel, parts, signal);
    else await delivery.push?.(parcel, parts, signal);
  }
  return { applied: facts === undefined ? {} : { issued: facts }, evidence: [] };
}

/** Drops the attempt everywhere: first where consumers could find it, then at the provider, only ours and never a promoted one. */
async function abort(saga: Saga, bound: Bound, world: World, signal: AbortSignal): Promise<Performed> {
  const rotation = rotationOf(saga);
  if (rotation.attempt !== undefined) {
    for (const delivery of bound.deliveries) {
      checkTurn(saga, world, signal);
      await delivery.abort?.(consignment(saga), signal);
    }
  }
  if (
    bound.rotator !== undefined &&
    rotation.recipe !== "in-place" &&
    rotation.recipe !== "in-place-downtime"
  ) {
    for (const version of await bound.rotator.observe(signal)) {
      if (version.mark?.rotation !== rotation.id || isInUse(saga, version)) continue;
      await refuseWhatIsHeld(saga, bound, version, signal);
      checkTurn(saga, world, signal);
      await bound.rotator.revoke(version, fenceOf(saga, version), signal);
    }
  }
  saga.issued = undefined;
  return NOTHING;
}

/**
 * The record may be older than the world (somebody set the state branch back): a version of ours that a target holds
 * is in use, whatever the record says, and is no orphan.
 */
async function refuseWhatIsHeld(
  saga: Saga,
  { deliveries }: Bound,
  { mark, handle }: ObservedVersion,
  signal: AbortSignal,
): Promise<void> {
  for (const { label, held } of await heldBy(deliveries, signal)) {
    if (held === "unknown" || held.current === undefined || held.current !== mark?.attempt) continue;
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

async function end(
  saga: Saga,
  step: "deactivate" | "reactivate" | "revoke",
  rotator: BoundRotator,
  world: World,
  signal: AbortSignal,
): Promise<Performed> {
  const observed = await rotator.observe(signal);
  for (const fact of retiring(saga.status)) {
    const version = observedOf(fact, observed);
    // Gone already, or no longer what we recorded: another mark makes it somebody else's.
    if (version === undefined) continue;
    checkTurn(saga, world, signal);
    await rotator[step]?.(version, fenceOf(saga, version), signal);
  }
  return NOTHING;
}

async function contain(
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
