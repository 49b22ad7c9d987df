import type { Instant } from "../model/instant.ts";
import type { Status, Step, VersionFact } from "../state/status.ts";
import { adopted } from "./adoption.ts";
import { backoffSeconds, MAX_FAILURES } from "./backoff.ts";
import { contained } from "./decide.ts";
import { aborted, inForce, issued, promoted, referring } from "./new-version.ts";
import { afterRevoke, deactivated, reactivated, revoked } from "./old-versions.ts";
import { type DeliveryShape, isInPlace, stepAfter } from "./recipe.ts";
import { helpfulVerbs } from "./request.ts";
import { advance, close, failed, goTo, openRotation, park, retiring } from "./transition.ts";

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
  /** Of the order that was placed, or of what was made to be signed. */
  readonly reference?: string;
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
    case "request":
      if (applied.reference === undefined) throw new Error("an order without a reference");
      return advance(withReference(status, applied), shape, now);
    case "issue":
      return advance(inForce(withIssued(withReference(status, applied), applied)), shape, now);
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
    case "collect":
    case "confirm":
      throw new Error(`${step} has no effect`);
  }
}

function withReference(status: Status, { reference }: Applied): Status {
  return reference === undefined ? status : referring(status, reference);
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
  const { failure } = rotation;
  // A value that a person gave is gone with this run: there is nothing to try again with.
  const ends = rotation.recipe === "value" && rotation.closing === undefined;
  const ending = ends ? { ...status, rotation: { ...rotation, closing: "aborted" as const } } : status;
  const cleared = aborted(ending, backoffSeconds(rotation.failures, around.jitter), around.now);
  if (failure === undefined || cleared.rotation?.outcome !== "open") return cleared;
  return orParked(cleared, failure, around.now);
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
 * next try starts clean; past the point of no return the same step is tried again later, and nothing is undone. An
 * effect in doubt keeps its intent: its probe comes before any other try, and a candidate that may be in force is not
 * dropped.
 */
export function afterFailure(status: Status, step: Step, failure: Failure, around: Surroundings): Status {
  const rotation = openRotation(status);
  const doubtful = !failure.refused && rotation.phase === "intended";
  const counted = failed(
    status,
    {
      step,
      code: failure.code,
      message: failure.message,
      ...(failure.final ? { final: true } : {}),
    },
    doubtful,
    backoffSeconds(rotation.failures + 1, around.jitter),
    around.now,
  );
  if (rotation.recipe === "in-place-downtime" && (step === "apply" || step === "push")) {
    return afterDowntimeFailure(counted, step, failure, around);
  }
  switch (step) {
    case "request":
    case "issue":
      if (failure.refused && rotation.attempt?.handle === undefined) return afterAbort(counted, around);
      return goTo(counted, "abort", around.now);
    case "stage":
    case "apply":
    case "push":
      return doubtful ? orParked(counted, failure, around.now) : goTo(counted, "abort", around.now);
    case "verify":
      if (!isInPlace(rotation.recipe)) return goTo(counted, "abort", around.now);
      // The password is in force, so its consumer has to get it, whatever our own look says.
      return goTo(counted, stepAfter(rotation.recipe, "verify", around.shape) ?? "confirm", around.now);
    default:
      return orParked(counted, failure, around.now);
  }
}

/** How often a consumer that is out gets another password at once. */
const AT_ONCE = 3;

/**
 * In place without staging the consumer is out from `apply` until it gets a password: again at once, later if that
 * goes on. While the old one is in force still, nothing is urgent.
 */
function afterDowntimeFailure(
  counted: Status,
  step: "apply" | "push",
  failure: Failure,
  around: Surroundings,
): Status {
  const rotation = openRotation(counted);
  const untouched = counted.versions.some((version) => version.promoted);
  if (step === "apply" && failure.refused && untouched) return afterAbort(counted, around);
  const { wait, ...rest } = rotation;
  const later = rotation.failures <= AT_ONCE || wait === undefined ? {} : { wait };
  const next = rotation.phase === "intended" ? {} : { step: "apply" as const };
  return orParked({ ...counted, rotation: { ...rest, ...later, ...next } }, failure, around.now);
}

/** Bounded tries: then, or where trying cannot help, a person must look. */
function orParked(
  status: Status,
  failure: Pick<Failure, "code" | "message"> & { readonly final?: boolean | undefined },
  now: Instant,
): Status {
  if (failure.final !== true && openRotation(status).failures < MAX_FAILURES) return status;
  return park(status, failure.code, failure.message, helpfulVerbs(status), now);
}
