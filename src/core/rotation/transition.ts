import type { Credential } from "../documents/credential.ts";
import { addTo, type Instant } from "../model/instant.ts";
import type { ObservedVersion } from "../ports/rotator.ts";
import type {
  EffectivePolicy,
  Lease,
  RecipeName,
  Rotation,
  Status,
  Step,
  VersionFact,
} from "../state/status.ts";
import { type DeliveryShape, isPointOfNoReturn, stepAfter, stepsOf } from "./recipe.ts";
import { currentVersion } from "./reconcile.ts";

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
  return {
    schemaVersion: 1,
    credential: credential.metadata.name,
    service: credential.spec.service,
    epoch: 0,
    versions: [],
  };
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

/**
 * The intent of an effect: what is pushed before it happens. `attempt` names the secret about to be made; what a person
 * said about the one before does not speak of it.
 */
export function intend(
  status: Status,
  step: Step,
  grant: { epoch: number; lease: Lease; attempt?: string },
  now: Instant,
): Status {
  const rotation = openRotation(status);
  const { wait: _, proceed, ...rest } = rotation;
  return {
    ...status,
    epoch: grant.epoch,
    rotation: {
      ...rest,
      ...(proceed === undefined || grant.attempt !== undefined ? {} : { proceed }),
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

/** A step is done: on to the next one, or closed when it was the last. */
export function advance(status: Status, shape: DeliveryShape, now: Instant): Status {
  const rotation = openRotation(status);
  const next = stepAfter(rotation.recipe, rotation.step, shape);
  if (next === undefined) return close(status, "done", now);
  return goTo(status, next, now);
}

/** Steps that a new attempt passes anew: what fails there counts on from attempt to attempt. */
const PASSED_ANEW: ReadonlySet<Step> = new Set([
  "preflight",
  "request",
  "issue",
  "apply",
  "verify",
  "stage",
  "push",
  "abort",
]);

/** Ready for a step. Failures are forgotten once no new attempt can lead back to where they happened. */
export function goTo(status: Status, step: Step, now: Instant): Status {
  const { wait: _w, failure, ...rest } = openRotation(status);
  const failures = PASSED_ANEW.has(step) ? rest.failures : 0;
  const kept = step === "abort" && failure !== undefined ? { failure } : {};
  return { ...status, rotation: { ...rest, ...kept, step, phase: "ready", since: now, failures } };
}

/** The same step once more, after its probe: what it failed with so far counts on. */
export function again(status: Status, now: Instant): Status {
  const { wait: _, ...rest } = openRotation(status);
  return { ...status, rotation: { ...rest, phase: "ready", since: now } };
}

/**
 * An incident turned an open rotation into an emergency: what it waited for no longer counts, it does not end before
 * the credential is replaced, and a version that was about to come back to life does not.
 */
export function escalated(status: Status, because: string): Status {
  const { wait: _w, parked: _p, closing: _c, ...rest } = openRotation(status);
  const ending = rest.step === "reactivate" ? ({ step: "revoke", phase: "ready" } as const) : {};
  return { ...status, rotation: { ...rest, ...ending, outcome: "open", emergency: true, because } };
}

/** Nothing was touched yet, so that a corrected document or policy may still replace what was pinned. */
export function repinned(status: Status, pinned: Rotation["pinned"]): Status {
  return { ...status, rotation: { ...openRotation(status), pinned } };
}

/** A person allows what comes next without evidence. */
export function allowed(status: Status, proceed: NonNullable<Rotation["proceed"]>): Status {
  return { ...status, rotation: { ...openRotation(status), proceed } };
}

/** A person's word has done what it was given for. */
export function spent(status: Status): Status {
  const { proceed: _, ...rest } = openRotation(status);
  return { ...status, rotation: rest };
}

/** The rotation ends this way as soon as its attempt is aborted. */
export function closing(status: Status, outcome: "aborted" | "rolled-back", now: Instant): Status {
  const going = goTo(status, "abort", now);
  return { ...going, rotation: { ...openRotation(going), closing: outcome } };
}

/** A try failed: again after `seconds`. While its effect is in doubt its intent stands, so that a probe comes first. */
export function failed(
  status: Status,
  failure: { step: Step; code: string; message: string; final?: boolean },
  doubtful: boolean,
  seconds: number,
  now: Instant,
): Status {
  const rotation = openRotation(status);
  return {
    ...status,
    rotation: {
      ...rotation,
      phase: doubtful ? rotation.phase : "ready",
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

export function park(
  status: Status,
  code: string,
  message: string,
  commands: readonly string[],
  now: Instant,
): Status {
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

/**
 * Versions that this rotation ends: all but the one it issued; for `adopt`, and where an emergency only frees a slot
 * first, all but the one in use.
 */
export function retiring(status: Status): readonly VersionFact[] {
  const { recipe, attempt, pinned } = openRotation(status);
  if (recipe === "retire") return status.versions;
  if (recipe === "adopt" || (attempt === undefined && pinned.policy.emergency.order === "replace-first")) {
    const current = currentVersion(status.versions);
    return status.versions.filter((v) => v !== current);
  }
  return status.versions.filter((v) => attempt === undefined || v.mark?.attempt !== attempt.id);
}

/** The observed version that belongs to a fact: by mark, else by handle. */
export function observedOf(
  fact: VersionFact,
  observed: readonly ObservedVersion[],
): ObservedVersion | undefined {
  return observed.find((v) =>
    fact.mark === undefined
      ? v.handle === fact.handle
      : v.slot === fact.slot && v.mark?.attempt === fact.mark.attempt,
  );
}

export function isOpen(rotation: Rotation | undefined): rotation is Rotation {
  return rotation !== undefined && (rotation.outcome === "open" || rotation.outcome === "parked");
}

export function openRotation(status: Status): Rotation {
  if (!isOpen(status.rotation)) throw new Error(`${status.credential}: no rotation is open`);
  return status.rotation;
}
