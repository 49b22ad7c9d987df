import type { Instant } from "../model/instant.ts";
import type { Status, Step, VersionFact } from "../state/status.ts";
import { MAX_FAILURES, backoffSeconds } from "./backoff.ts";
import { contained } from "./decide.ts";
import { afterRevoke } from "./ending.ts";
import { stepAfter, type DeliveryShape } from "./recipe.ts";
import {
  aborted,
  adopted,
  advance,
  close,
  deactivated,
  failed,
  goTo,
  inForce,
  issued,
  openRotation,
  park,
  promoted,
  reactivated,
  retiring,
  revoked,
} from "./transition.ts";

/** Public facts of a new version, without its secret. */
export interface IssuedFacts {
  readonly handle: string;
  readonly slot: string;
  readonly createdAt: Instant;
  readonly expiresAt?: Instant;
  readonly tag?: string;
}

/** What an applied effect left behind. */
export interface Applied {
  readonly issued?: IssuedFacts;
  readonly adopted?: { readonly versions: readonly VersionFact[]; readonly identity: string };
}

interface Surroundings {
  readonly now: Instant;
  readonly shape: DeliveryShape;
  readonly canContain: boolean;
  /** 0..1, spreads the next tries. */
  readonly jitter: number;
}

/** The record after an effect that a probe found applied. */
export function afterApplied(status: Status, step: Step, applied: Applied, around: Surroundings): Status {
  const { now, shape } = around;
  switch (step) {
    case "issue":
      return advance(inForce(withIssued(status, applied)), shape, now);
    case "apply":
      return advance(inForce(withIssued(status, applied)), shape, now);
    case "stage":
      return advance(withIssued(status, applied), shape, now);
    case "push":
      return advance(promoted(withIssued(status, applied), now), shape, now);
    case "promote":
      return advance(promoted(status, now), shape, now);
    case "adopt":
      return afterAdoption(status, applied, around);
    case "deactivate":
      return advance(deactivated(status, handlesOf(retiring(status).filter((v) => v.live)), now), shape, now);
    case "reactivate":
      return reactivated(status, handlesOf(retiring(status)), now);
    case "revoke":
      return afterRevoke(revoked(status, handlesOf(retiring(status))), around);
    case "contain":
      return contained(status, around);
    case "abort":
      return afterAbort(status, around);
    case "preflight":
    case "verify":
    case "confirm":
      throw new Error(`${step} has no effect`);
  }
}

function withIssued(status: Status, applied: Applied): Status {
  return applied.issued === undefined ? status : issued(status, applied.issued);
}

function handlesOf(versions: readonly VersionFact[]): ReadonlySet<string> {
  return new Set(versions.map((version) => version.handle));
}

/** An idle version that can still log in is ended by the ordinary evidence; without one the adoption is complete. */
function afterAdoption(status: Status, applied: Applied, around: Surroundings): Status {
  if (applied.adopted === undefined) throw new Error("adopted nothing");
  const known = adopted(status, applied.adopted.versions, applied.adopted.identity, around.now);
  if (retiring(known).length === 0) return close(known, "done", around.now);
  return goTo(known, "deactivate", around.now);
}

function afterAbort(status: Status, around: Surroundings): Status {
  const rotation = openRotation(status);
  const cleared = aborted(status, backoffSeconds(rotation.failures, around.jitter), around.now);
  const { failure } = rotation;
  if (failure === undefined || rotation.closing !== undefined) return cleared;
  if (failure.final !== true && rotation.failures < MAX_FAILURES) return cleared;
  return parkFailed(cleared, failure, around.now);
}

/** What an effect or a look failed with. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** Trying again without a person cannot help. */
  readonly final: boolean;
  /** The effect is definitely not applied. */
  readonly refused: boolean;
}

/**
 * The record after a failed step. While the secret is only in memory the attempt is aborted everywhere, so that the
 * next try starts clean; past the point of no return the same step is tried again later, and nothing is undone.
 */
export function afterFailure(status: Status, step: Step, failure: Failure, around: Surroundings): Status {
  const rotation = openRotation(status);
  const counted = failed(
    status,
    { step, code: failure.code, message: failure.message, ...(failure.final ? { final: true } : {}) },
    backoffSeconds(rotation.failures + 1, around.jitter),
    around.now,
  );
  const volatileSteps: readonly Step[] = ["issue", "verify", "stage", "push"];
  const inPlace = rotation.recipe === "in-place" || rotation.recipe === "in-place-downtime";
  if (inPlace && step === "verify") return openAgain(counted, stepAfter(rotation.recipe, "verify", around.shape) ?? "confirm", around.now);
  if (rotation.recipe === "in-place-downtime" && step === "push") return counted.rotation === undefined ? counted : reissue(counted, around.now);
  if (step === "issue" && failure.refused && rotation.attempt?.handle === undefined) return afterAbort(counted, around);
  if (volatileSteps.includes(step) || (step === "apply" && rotation.recipe === "in-place")) return goTo(counted, "abort", around.now);
  if (step === "apply" && failure.refused) return afterAbort(counted, around);
  const { failures } = openRotation(counted);
  if (failure.final || failures >= MAX_FAILURES) return parkFailed(counted, failure, around.now);
  return counted;
}

/** A failure that must not stop what follows: the password is in force, so its consumer has to get it. */
function openAgain(status: Status, step: Step, now: Instant): Status {
  return goTo(status, step, now);
}

/** In place without staging the consumer is out until it gets a password: again at once, later if that goes on. */
function reissue(status: Status, now: Instant): Status {
  const rotation = openRotation(status);
  const again = { ...status, rotation: { ...rotation, step: "apply" as const, phase: "ready" as const, since: now } };
  if (rotation.failures > 3) return again;
  const { wait: _, ...rest } = again.rotation;
  return { ...again, rotation: rest };
}

function parkFailed(status: Status, failure: { code: string; message: string }, now: Instant): Status {
  return park(status, failure.code, failure.message, ["retry", "rollback"], now);
}
