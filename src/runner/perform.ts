import { EffectError } from "../core/model/errors.ts";
import type { Consignment } from "../core/ports/delivery.ts";
import type { BoundRotator, Issued, ObservedVersion } from "../core/ports/rotator.ts";
import { adoptedVersion } from "../core/rotation/adoption.ts";
import type { IssuedFacts } from "../core/rotation/outcome.ts";
import type { Step, VersionFact } from "../core/state/status.ts";
import { abort, contain, end } from "./end-versions.ts";
import { collected } from "./look.ts";
import type { Bound } from "./ports.ts";
import { rotationOf, type Saga } from "./saga.ts";
import { checkTurn, consignment, knownVersions, markOf, NOTHING, type Performed } from "./turn.ts";
import { boundOf, type World } from "./world.ts";

/**
 * Does the one effect whose intent was pushed. Rejects with what the provider or target failed with; whether it
 * happened nevertheless is for the probes to say. Idempotent for the same attempt.
 */
export async function perform(saga: Saga, step: Step, world: World, signal: AbortSignal): Promise<Performed> {
  saga.target = undefined;
  const bound = await boundOf(saga, world, signal);
  switch (step) {
    case "adopt":
      return adopt(saga, rotatorOf(bound), world, signal);
    case "request":
      return request(saga, rotatorOf(bound), signal);
    case "issue":
      return issue(saga, rotatorOf(bound), world, signal);
    case "apply":
      return apply(saga, rotatorOf(bound), world, signal);
    case "stage":
    case "push":
      return hand(saga, step, bound, world, signal);
    case "promote":
      return promote(saga, bound, world, signal);
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
    case "collect":
    case "confirm":
      throw new Error(`${step} has no effect`);
  }
}

function rotatorOf(bound: Bound): BoundRotator {
  if (bound.rotator === undefined) throw new Error("a credential without a provider has no such step");
  return bound.rotator;
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

async function request(saga: Saga, rotator: BoundRotator, signal: AbortSignal): Promise<Performed> {
  if (rotator.request === undefined) throw new Error(`${saga.name}: this provider takes no orders`);
  const reference = await rotator.request(markOf(saga), rotationOf(saga).reference, signal);
  return { applied: { reference }, evidence: [] };
}

async function issue(
  saga: Saga,
  rotator: BoundRotator,
  world: World,
  signal: AbortSignal,
): Promise<Performed> {
  if (rotator.issue === undefined) throw new Error(`${saga.name}: this provider replaces in place`);
  const occupied = knownVersions(saga, await rotator.observe(signal, saga.status.versions));
  checkTurn(saga, world, signal);
  const version = await rotator.issue(markOf(saga), occupied, signal, rotationOf(saga).reference);
  const { reference } = version;
  const issued = await keep(saga, version, world);
  return { applied: { issued, ...(reference === undefined ? {} : { reference }) }, evidence: [] };
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
  const [known] = knownVersions(saga, await rotator.observe(signal, saga.status.versions));
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
  const [current] = knownVersions(saga, await rotator.observe(signal, saga.status.versions));
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

/**
 * The secret of this attempt in memory, with the facts that have to go on record: also when it was made by a try
 * whose result nobody knows. Undefined: they are there already.
 */
async function newFacts(
  saga: Saga,
  bound: Bound,
  world: World,
  signal: AbortSignal,
): Promise<IssuedFacts | undefined> {
  if (saga.issued?.attempt !== markOf(saga).attempt) return firstSecret(saga, bound, world, signal);
  const recorded = rotationOf(saga).attempt?.handle !== undefined;
  return recorded ? undefined : keep(saga, saga.issued.version, world);
}

/** Tells every target to use what it holds; one that holds a key alone gets its certificate with the word. */
async function promote(saga: Saga, bound: Bound, world: World, signal: AbortSignal): Promise<Performed> {
  const found = rotationOf(saga).recipe === "signed" ? await collected(saga, bound, signal) : undefined;
  if (found?.kind === "waiting") {
    throw new EffectError("refused", "certificate-gone", "the certificate is not there any more", {
      evidence: found.detail,
      fix: "put it back: the next run goes on",
    });
  }
  for (const delivery of bound.deliveries) {
    checkTurn(saga, world, signal);
    saga.target = delivery.label;
    await delivery.promote?.(consignment(saga), signal, found?.parts);
  }
  return NOTHING;
}

/** Hands the new version to its targets: beside the current one where they stage, in its place where they only take. */
async function hand(
  saga: Saga,
  step: "stage" | "push",
  bound: Bound,
  world: World,
  signal: AbortSignal,
): Promise<Performed> {
  const facts = await newFacts(saga, bound, world, signal);
  if (saga.issued === undefined) throw new Error(`${saga.name}: no secret to hand over`);
  const { handle, createdAt, parts } = saga.issued.version;
  const unfinished = rotationOf(saga).recipe === "signed" ? { unfinished: true as const } : {};
  const parcel: Consignment = { ...consignment(saga), handle, issuedAt: createdAt, ...unfinished };
  for (const delivery of bound.deliveries) {
    checkTurn(saga, world, signal);
    saga.target = delivery.label;
    if (step === "stage") await delivery.stage?.(parcel, parts, signal);
    else await delivery.push?.(parcel, parts, signal);
  }
  return { applied: facts === undefined ? {} : { issued: facts }, evidence: [] };
}
