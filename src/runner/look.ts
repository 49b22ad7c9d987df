import type { Instant } from "../core/model/instant.ts";
import type { BoundDelivery, Held } from "../core/ports/delivery.ts";
import type { Collected, ObservedVersion, UseEvidence } from "../core/ports/rotator.ts";
import { chooseAdoption } from "../core/rotation/adoption.ts";
import { certified } from "../core/rotation/new-version.ts";
import { namedAttempts, oldSight } from "../core/rotation/old-use.ts";
import { reconcile } from "../core/rotation/reconcile.ts";
import type { Look } from "../core/rotation/situation.ts";
import { goTo, observedOf, park, retiring } from "../core/rotation/transition.ts";
import type { Bound } from "./ports.ts";
import { rotationOf, type Saga } from "./saga.ts";
import { rotationEvent, say } from "./trail.ts";
import { boundOf, type World } from "./world.ts";

/**
 * Answers one read-only question about a saga's step and keeps the answer in its sights. Rejects when the provider or
 * a target could not be asked. Changes nothing outside; parks the record when the provider is ahead of it.
 */
export async function lookAt(saga: Saga, look: Look, world: World, signal: AbortSignal): Promise<void> {
  saga.sightsSince ??= world.ports.clock.now();
  const bound = await boundOf(saga, world, signal);
  switch (look) {
    case "preflight":
      await bound.rotator?.preflight(signal);
      for (const delivery of bound.deliveries) await delivery.preflight(signal);
      if ((await observed(saga, bound, world, signal)) !== undefined) {
        saga.sights = { ...saga.sights, preflight: "passed" };
      }
      return;
    case "verify":
      if (saga.issued !== undefined) await bound.rotator?.verify(saga.issued.version, signal);
      saga.sights = { ...saga.sights, verified: "passed" };
      return;
    case "certificate":
      return lookForCertificate(saga, bound, world, signal);
    case "new-version":
      return lookAtNew(saga, bound, world, signal);
    case "old-version":
      return lookAtOld(saga, bound, world, signal);
    case "recovery":
      return lookForRecovery(saga, bound, world, signal);
    case "adoption":
      return lookForAdoption(saga, bound, signal);
  }
}

/**
 * What lives at the provider, compared with the record first: undefined when the record is behind (parked) or when
 * an orphan has to go before anything else.
 */
async function observed(
  saga: Saga,
  bound: Bound,
  world: World,
  signal: AbortSignal,
): Promise<readonly ObservedVersion[] | undefined> {
  if (bound.rotator === undefined) return [];
  const versions = await bound.rotator.observe(signal, saga.status.versions);
  const now = world.ports.clock.now();
  const found = reconcile(saga.status, versions);
  if (found.kind === "behind") {
    saga.status = park(saga.status, found.code, found.message, ["retry"], now);
    saga.events.push(
      rotationEvent(saga.status, "rotation.parked", now, {
        outcome: "parked",
        detail: { code: found.code, reason: found.message },
      }),
    );
    say(saga, "error", `parked: ${found.message}`);
    return undefined;
  }
  if (found.orphans.length > 0 && rotationOf(saga).step === "preflight") {
    saga.status = goTo(saga.status, "abort", now);
    return undefined;
  }
  saga.status = { ...saga.status, versions: [...found.versions] };
  return versions;
}

/** What people have to know stands in the detail: where to put the certificate, or what is wrong with the one there. */
async function lookForCertificate(
  saga: Saga,
  bound: Bound,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  if ((await observed(saga, bound, world, signal)) === undefined) return;
  const found = await collected(saga, bound, signal);
  if (found.kind === "ready") saga.status = certified(saga.status, found);
  saga.sights = { ...saga.sights, collected: { ready: found.kind === "ready", detail: found.detail } };
}

/** What came back for what this rotation has to have signed. */
export async function collected(saga: Saga, { rotator }: Bound, signal: AbortSignal): Promise<Collected> {
  const { reference } = rotationOf(saga);
  if (rotator?.collect === undefined || reference === undefined) {
    throw new Error(`${saga.name}: nothing has to be signed`);
  }
  return rotator.collect(reference, signal);
}

async function lookAtNew(saga: Saga, bound: Bound, world: World, signal: AbortSignal): Promise<void> {
  const versions = await observed(saga, bound, world, signal);
  if (versions === undefined) return;
  const rotation = rotationOf(saga);
  const version = versions.find(({ mark }) => mark !== undefined && mark.attempt === rotation.attempt?.id);
  const since = rotation.attempt?.createdAt ?? rotation.promotedAt ?? rotation.openedAt;
  const use =
    version === undefined
      ? "no-facility"
      : ((await bound.rotator?.inUseEverywhere?.(version, signal)) ??
        (await useOf(bound, version, since, signal)));
  saga.sights = {
    ...saga.sights,
    newVersion: {
      confirming: await heldBy(
        bound.deliveries.filter(({ confirms }) => confirms),
        signal,
      ),
      use,
      providerDecides: bound.rotator?.inUseEverywhere !== undefined,
    },
  };
}

async function lookAtOld(saga: Saga, bound: Bound, world: World, signal: AbortSignal): Promise<void> {
  const versions = await observed(saga, bound, world, signal);
  if (versions === undefined) return;
  const rotation = rotationOf(saga);
  const since = rotation.deactivatedAt ?? rotation.confirmedAt ?? rotation.promotedAt ?? rotation.openedAt;
  const ending = retiring(saga.status);
  const uses: (UseEvidence | "no-facility")[] = [];
  for (const fact of ending) {
    const version = observedOf(fact, versions);
    if (version !== undefined) uses.push(await useOf(bound, version, since, signal));
  }
  const held = await heldBy(bound.deliveries, signal);
  saga.sights = { ...saga.sights, old: oldSight(uses, held, namedAttempts(rotation, ending)) };
}

async function lookForRecovery(saga: Saga, bound: Bound, world: World, signal: AbortSignal): Promise<void> {
  if (rotationOf(saga).step === "adopt") {
    // Nothing is on record yet that could be compared: the adoption itself judges what is there.
    saga.sights = { ...saga.sights, recovery: { observed: [], staged: [], pushed: [], newUsed: false } };
    return;
  }
  const versions = await observed(saga, bound, world, signal);
  if (versions === undefined) return;
  const { attempt } = rotationOf(saga);
  const fresh = versions.find(({ mark }) => mark !== undefined && mark.attempt === attempt?.id);
  const use =
    fresh === undefined || attempt === undefined
      ? undefined
      : await useOf(bound, fresh, attempt.createdAt ?? attempt.startedAt, signal);
  saga.sights = {
    ...saga.sights,
    recovery: {
      observed: versions,
      staged: await heldBy(
        bound.deliveries.filter((delivery) => delivery.stage !== undefined),
        signal,
      ),
      pushed: await heldBy(
        bound.deliveries.filter((delivery) => delivery.push !== undefined),
        signal,
      ),
      newUsed: use !== undefined && use !== "no-facility" && use.kind === "used",
    },
  };
}

async function lookForAdoption(saga: Saga, bound: Bound, signal: AbortSignal): Promise<void> {
  if (bound.rotator === undefined) throw new Error("nothing can be adopted without a provider");
  const rotation = rotationOf(saga);
  await bound.rotator.preflight(signal);
  for (const delivery of bound.deliveries) await delivery.preflight(signal);
  // Marks of this very adoption are its own half-done work, not a record that we lost.
  const versions = (await bound.rotator.observe(signal, saga.status.versions)).map((version) => {
    if (version.mark?.rotation !== rotation.id) return version;
    const { mark: _, ...unmarked } = version;
    return unmarked;
  });
  const uses = new Map<string, UseEvidence>();
  for (const version of versions.filter(({ live }) => live)) {
    const use = await useOf(bound, version, rotation.openedAt, signal);
    if (use !== "no-facility") uses.set(version.handle, use);
  }
  saga.sights = { ...saga.sights, adoption: chooseAdoption(rotation.pinned.credential.spec, versions, uses) };
}

async function useOf(
  bound: Bound,
  version: ObservedVersion,
  since: Instant,
  signal: AbortSignal,
): Promise<UseEvidence | "no-facility"> {
  return (await bound.rotator?.inUse?.(version, since, signal)) ?? "no-facility";
}

/** What targets hold, as far as they can say. */
export async function heldBy(
  deliveries: readonly BoundDelivery[],
  signal: AbortSignal,
): Promise<{ label: string; held: Held | "unknown" }[]> {
  const answers: { label: string; held: Held | "unknown" }[] = [];
  for (const delivery of deliveries) {
    // A target that cannot be asked is not known to hold anything: a reason to wait, never a proof.
    const held = await delivery.holds(signal).catch((): "unknown" => "unknown");
    answers.push({ label: delivery.label, held });
  }
  return answers;
}
