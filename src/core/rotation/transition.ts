import { addTo, type Instant } from "../model/instant.ts";
import type { Credential } from "../documents/credential.ts";
import type { ObservedVersion } from "../ports/rotator.ts";
import type { EffectivePolicy, Lease, RecipeName, Rotation, Status, Step, VersionFact } from "../state/status.ts";
import { currentVersion } from "./reconcile.ts";
import { type DeliveryShape, isPointOfNoReturn, stepAfter, stepsOf } from "./recipe.ts";

/** Pure moves of one record. Each returns a new status; an impossible move is a bug and throws. */

export interface Opening {
  readonly id: string;
  readonly recipe: RecipeName;
  readonly reason: Rotation["reason"];
  readonly because: string;
  readonly emergency: boolean;
  readonly credential: Credential;
  readonly policy: EffectivePolicy;
  readonly commit: string;
  readonly identity: string | undefined;
  readonly shape: DeliveryShape;
  /** Emergencies may have to free a slot, or to revoke first: the rotation then begins with `revoke`. */
  readonly clearFirst: boolean;
}

export function emptyStatus(credential: Credential): Status {
  return { schemaVersion: 1, credential: credential.metadata.name, service: credential.spec.service, epoch: 0, versions: [] };
}

export function open(status: Status, opening: Opening, now: Instant): Status {
  const before = status.rotation;
  if (before !== undefined && isOpen(before) && !opening.emergency) {
    throw new Error(`${status.credential}: a rotation is open already`);
  }
  const first = opening.clearFirst ? "revoke" : stepsOf(opening.recipe, opening.shape)[0];
  if (first === undefined) throw new Error(`recipe ${opening.recipe} has no steps`);
  return {
    ...status,
    ...(opening.identity === undefined ? {} : { identity: opening.identity }),
    rotation: {
      id: opening.id,
      recipe: opening.recipe,
      reason: opening.reason,
      because: opening.because,
      emergency: opening.emergency,
      openedAt: now,
      outcome: "open",
      step: first,
      phase: "ready",
      since: now,
      attempts: 0,
      failures: 0,
      pointOfNoReturn: false,
      ...(before?.lease === undefined ? {} : { lease: before.lease }),
      pinned: { commit: opening.commit, credential: opening.credential, policy: opening.policy },
    },
  };
}

/** The intent of an effect: what is pushed before it happens. `attempt` names the secret about to be made. */
export function intend(
  status: Status,
  step: Step,
  grant: { epoch: number; lease: Lease; attempt?: string },
  now: Instant,
): Status {
  const rotation = openRotation(status);
  const { wait: _, ...rest } = rotation;
  return {
    ...status,
    epoch: grant.epoch,
    rotation: {
      ...rest,
      step,
      phase: "intended",
      since: now,
      lease: grant.lease,
      pointOfNoReturn: rotation.pointOfNoReturn || isPointOfNoReturn(rotation.recipe, step),
      ...(grant.attempt === undefined
        ? {}
        : {
            attempt: { id: grant.attempt, number: rotation.attempts + 1, startedAt: now },
            attempts: rotation.attempts + 1,
          }),
    },
  };
}

/** Makes the lease ours without an effect: read-only work on an open rotation that will be recorded. */
export function lease(status: Status, grant: { epoch: number; lease: Lease }): Status {
  return { ...status, epoch: grant.epoch, rotation: { ...openRotation(status), lease: grant.lease } };
}

/** The secret exists now, at the provider or (in place, before apply) in memory only. */
export function issued(
  status: Status,
  facts: { handle: string; slot: string; createdAt: Instant; expiresAt?: Instant; tag?: string },
): Status {
  const rotation = openRotation(status);
  if (rotation.attempt === undefined) throw new Error("issued without an attempt");
  return { ...status, rotation: { ...rotation, attempt: { ...rotation.attempt, ...facts } } };
}

/** The new version lives at the provider. In place it takes the slot of the old one. */
export function inForce(status: Status): Status {
  const rotation = openRotation(status);
  const attempt = rotation.attempt;
  if (attempt?.handle === undefined || attempt.slot === undefined || attempt.createdAt === undefined) {
    throw new Error("in force without having been issued");
  }
  const version: VersionFact = {
    handle: attempt.handle,
    slot: attempt.slot,
    createdAt: attempt.createdAt,
    ...(attempt.expiresAt === undefined ? {} : { expiresAt: attempt.expiresAt }),
    live: true,
    promoted: false,
    origin: "issued",
    mark: { rotation: rotation.id, attempt: attempt.id, epoch: status.epoch },
    ...(attempt.tag === undefined ? {} : { tag: attempt.tag }),
  };
  const replaced = status.versions.filter((v) => v.slot === version.slot && v.mark?.attempt !== attempt.id);
  const ended = [...(rotation.ended ?? []), ...replaced.map(({ handle, slot }) => ({ handle, slot }))];
  return {
    ...status,
    versions: [...status.versions.filter((v) => v.slot !== version.slot), version],
    rotation: { ...rotation, ...(ended.length === 0 ? {} : { ended }) },
  };
}

/** A step is done: on to the next one, or closed when it was the last. */
export function advance(status: Status, shape: DeliveryShape, now: Instant): Status {
  const rotation = openRotation(status);
  const next = stepAfter(rotation.recipe, rotation.step, shape);
  if (next === undefined) return close(status, "done", now);
  return goTo(status, next, now);
}

/** Ready for a step. Failures before the point of no return are counted on, since every new attempt passes it anew. */
export function goTo(status: Status, step: Step, now: Instant): Status {
  const { wait: _w, failure, ...rest } = openRotation(status);
  const failures = rest.pointOfNoReturn ? 0 : rest.failures;
  const kept = step === "abort" && failure !== undefined ? { failure } : {};
  return { ...status, rotation: { ...rest, ...kept, step, phase: "ready", since: now, failures } };
}

/** A person or an incident turned an open rotation into an emergency: what it waited for no longer counts. */
export function escalated(status: Status, because: string): Status {
  const { wait: _w, parked: _p, ...rest } = openRotation(status);
  return { ...status, rotation: { ...rest, outcome: "open", emergency: true, because } };
}

/** Nothing was touched yet, so that a corrected document or policy may still replace what was pinned. */
export function repinned(status: Status, pinned: Rotation["pinned"]): Status {
  return { ...status, rotation: { ...openRotation(status), pinned } };
}

/** A person allows the next irreversible step without evidence. */
export function allowed(status: Status, proceed: NonNullable<Rotation["proceed"]>): Status {
  return { ...status, rotation: { ...openRotation(status), proceed } };
}

/** The rotation ends this way as soon as its attempt is aborted. */
export function closing(status: Status, outcome: "aborted" | "rolled-back", now: Instant): Status {
  const going = goTo(status, "abort", now);
  return { ...going, rotation: { ...openRotation(going), closing: outcome } };
}

/** Consumers were told to use the new version; the old ones are no longer current. */
export function promoted(status: Status, now: Instant): Status {
  const rotation = openRotation(status);
  const attempt = rotation.attempt?.id;
  return {
    ...status,
    rotatedAt: now,
    versions: status.versions.map((v) => ({ ...v, promoted: v.mark?.attempt === attempt || v.promoted })),
    rotation: { ...rotation, promotedAt: rotation.promotedAt ?? now },
  };
}

export function confirmed(status: Status, by: "consumer" | "provider" | "none", now: Instant): Status {
  return { ...status, rotation: { ...openRotation(status), confirmedAt: now, confirmedBy: by } };
}

/** What a look at the old version found: silence has a beginning, use ends it. */
export function witnessed(status: Status, sight: { used: boolean; sampled: boolean }, now: Instant): Status {
  const { silentSince, silenceSampled: _s, oldUsedOn, ...rest } = openRotation(status);
  if (sight.used) return { ...status, rotation: { ...rest, oldUsedOn: now.slice(0, 10) } };
  return {
    ...status,
    rotation: {
      ...rest,
      ...(oldUsedOn === undefined ? {} : { oldUsedOn }),
      silentSince: silentSince ?? now,
      silenceSampled: sight.sampled,
    },
  };
}

/** Nobody could see whether the old one is used: an earlier silence proves nothing any more. */
export function blind(status: Status): Status {
  const { silentSince: _a, silenceSampled: _b, ...rest } = openRotation(status);
  return { ...status, rotation: rest };
}

export function deactivated(status: Status, handles: ReadonlySet<string>, now: Instant): Status {
  return {
    ...status,
    versions: status.versions.map((v) => (handles.has(v.handle) ? { ...v, live: false, deactivatedAt: now } : v)),
    rotation: { ...openRotation(status), deactivatedAt: now },
  };
}

/** The old version is live again: the proof of use starts over. */
export function reactivated(status: Status, handles: ReadonlySet<string>, now: Instant): Status {
  const { deactivatedAt: _d, ...rest } = forgetProof(openRotation(status));
  const versions = status.versions.map((v) => {
    if (!handles.has(v.handle)) return v;
    const { deactivatedAt: _v, ...version } = v;
    return { ...version, live: true };
  });
  return goTo({ ...status, versions, rotation: rest }, "confirm", now);
}

/** These versions are dead for good; an emergency still has to end what they minted. */
export function revoked(status: Status, handles: ReadonlySet<string>): Status {
  const rotation = openRotation(status);
  const gone = status.versions.filter((v) => handles.has(v.handle)).map(({ handle, slot }) => ({ handle, slot }));
  return {
    ...status,
    versions: status.versions.filter((v) => !handles.has(v.handle)),
    rotation: { ...rotation, ended: [...(rotation.ended ?? []), ...gone] },
  };
}

/** The attempt is gone everywhere: closed, or ready for a new attempt, after `backoff` if it had failed. */
export function aborted(status: Status, backoff: number, now: Instant): Status {
  const rotation = openRotation(status);
  const attempt = rotation.attempt?.id;
  const versions = status.versions.filter((v) => v.promoted || v.mark?.attempt !== attempt);
  const { attempt: _a, promotedAt: _p, wait: _w, failure, ...rest } = rotation;
  const cleared: Status = { ...status, versions, rotation: { ...rest, pointOfNoReturn: false } };
  if (rotation.closing !== undefined) return close(cleared, rotation.closing, now);
  return {
    ...cleared,
    rotation: {
      ...openRotation(cleared),
      step: "preflight",
      phase: "ready",
      since: now,
      ...(failure === undefined
        ? {}
        : { failure, wait: { why: "backoff", until: addTo(now, backoff), detail: failure.message } }),
    },
  };
}

export function adopted(status: Status, versions: readonly VersionFact[], identity: string, now: Instant): Status {
  return { ...status, identity, adoptedAt: now, versions: [...versions] };
}

/** A try failed: the step is ready again after `seconds`. */
export function failed(
  status: Status,
  failure: { step: Step; code: string; message: string; final?: boolean },
  seconds: number,
  now: Instant,
): Status {
  const rotation = openRotation(status);
  return {
    ...status,
    rotation: {
      ...rotation,
      phase: "ready",
      since: now,
      failures: rotation.failures + 1,
      failure: { ...failure, at: now },
      wait: { why: "backoff", until: addTo(now, seconds), detail: failure.message },
    },
  };
}

export function waiting(status: Status, wait: NonNullable<Rotation["wait"]>): Status {
  return { ...status, rotation: { ...openRotation(status), wait } };
}

export function park(status: Status, code: string, message: string, commands: readonly string[], now: Instant): Status {
  const { wait: _, ...rest } = openRotation(status);
  return {
    ...status,
    rotation: { ...rest, outcome: "parked", parked: { code, message, at: now, commands: [...commands] } },
  };
}

/** A person took it up again. */
export function unpark(status: Status): Status {
  const { parked: _p, wait: _w, failure: _f, ...rest } = openRotation(status);
  return { ...status, rotation: { ...rest, outcome: "open", failures: 0 } };
}

export function close(status: Status, outcome: "done" | "aborted" | "rolled-back", now: Instant): Status {
  const { wait: _w, lease: _l, failure: _f, parked: _p, closing: _c, ...rest } = openRotation(status);
  return { ...status, rotation: { ...rest, outcome, phase: "ready", since: now, closedAt: now } };
}

/** Lets go of the lease between runs. */
export function release(status: Status): Status {
  if (status.rotation === undefined) return status;
  const { lease: _, ...rest } = status.rotation;
  return { ...status, rotation: rest };
}

/** Forgets confirmation and silence, so that both are proven again. */
export function forgetProof(rotation: Rotation): Rotation {
  const { confirmedAt: _a, confirmedBy: _b, silentSince: _c, silenceSampled: _d, ...rest } = rotation;
  return rest;
}

/**
 * Versions that this rotation ends: all but the one it issued; for `adopt`, and where an emergency only frees a slot
 * first, all but the one in use.
 */
export function retiring(status: Status): readonly VersionFact[] {
  const rotation = openRotation(status);
  if (rotation.recipe === "retire") return status.versions;
  const slotFirst = rotation.attempt === undefined && rotation.pinned.policy.emergency.order === "replace-first";
  if (rotation.recipe === "adopt" || slotFirst) return status.versions.filter((v) => v !== currentVersion(status.versions));
  return status.versions.filter((v) => v.mark?.attempt !== rotation.attempt?.id);
}

/** The observed version that belongs to a fact: by mark, else by handle. */
export function observedOf(fact: VersionFact, observed: readonly ObservedVersion[]): ObservedVersion | undefined {
  return observed.find((v) =>
    fact.mark === undefined ? v.handle === fact.handle : v.slot === fact.slot && v.mark?.attempt === fact.mark.attempt,
  );
}

export function isOpen(rotation: Rotation | undefined): rotation is Rotation {
  return rotation !== undefined && (rotation.outcome === "open" || rotation.outcome === "parked");
}

export function openRotation(status: Status): Rotation {
  if (!isOpen(status.rotation)) throw new Error(`${status.credential}: no rotation is open`);
  return status.rotation;
}
