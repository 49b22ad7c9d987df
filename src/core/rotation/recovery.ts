import type { Instant } from "../model/instant.ts";
import type { Held } from "../ports/delivery.ts";
import type { ObservedVersion } from "../ports/rotator.ts";
import type { Rotation, Status } from "../state/status.ts";
import { settledAt } from "./lease.ts";
import { inForce, issued, promoted } from "./new-version.ts";
import { afterRevoke, deactivated, revoked } from "./old-versions.ts";
import { PUSH_UNKNOWN } from "./push-unknown.ts";
import { type DeliveryShape, isInPlace } from "./recipe.ts";
import { advance, again, closing, goTo, observedOf, openRotation, retiring, spent } from "./transition.ts";

/** What the probes say about an effect whose result nobody recorded. */
export interface RecoverySight {
  readonly observed: readonly ObservedVersion[];
  /** What targets that stage hold. */
  readonly staged: readonly { readonly label: string; readonly held: Held | "unknown" }[];
  /** What push-only targets hold. */
  readonly pushed: readonly { readonly label: string; readonly held: Held | "unknown" }[];
  /** The provider saw somebody use the new version. */
  readonly newUsed: boolean;
}

export type Recovery =
  | { readonly kind: "go"; readonly status: Status; readonly why: string }
  /** Nothing can be concluded yet: what was sent may still be on its way. */
  | { readonly kind: "wait"; readonly until: Instant; readonly why: string }
  | { readonly kind: "park"; readonly code: string; readonly message: string };

/**
 * What follows for a rotation whose process died: after its intent (`intended`), or with a secret that is lost.
 * Before the point of no return the attempt is dropped everywhere and made anew; after it the way is forward.
 * Recovering is no failed attempt and is not delayed.
 */
export function recover(status: Status, sight: RecoverySight, shape: DeliveryShape, now: Instant): Recovery {
  const { recipe, step, phase } = openRotation(status);
  if (recipe === "value" && (step === "stage" || (step === "push" && phase === "ready"))) {
    return go(closing(status, "aborted", now), "the value was lost with the run: a person gives it again");
  }
  switch (step) {
    case "request":
      return go(
        goTo(status, "abort", now),
        "an order may have been placed that nobody recorded: placed anew",
      );
    case "issue":
      return remade(status, now);
    case "stage":
      return recoverStage(status, sight, now);
    case "verify":
      return recoverVerify(status, shape, now);
    case "apply":
      return recoverApply(status, sight, now);
    case "push":
      return phase === "ready" ? recoverUnpushed(status, now) : recoverPush(status, sight, shape, now);
    case "deactivate":
    case "revoke":
      return recoverEnd(status, step, sight, shape, now);
    default:
      // Repeating these changes nothing that is already so.
      return go(again(status, now), `${step} is done again: it has no effect twice`);
  }
}

function remade(status: Status, now: Instant): Recovery {
  return go(
    goTo(status, "abort", now),
    "the new version's secret was lost with the run: it is dropped and made anew",
  );
}

/** A stage that still arrives would take the place of the next attempt's secret; one that is there has arrived. */
function recoverStage(status: Status, sight: RecoverySight, now: Instant): Recovery {
  const rotation = openRotation(status);
  const id = rotation.attempt?.id;
  const { staged, observed } = sight;
  // In place, what is in force already must not be taken from its targets: somebody set the record back.
  const applied = observed.some(({ mark }) => mark?.rotation === rotation.id && mark.attempt === id);
  if (isInPlace(rotation.recipe) && applied) return recoverApply(status, sight, now);
  const arrived = staged.every(
    ({ held }) => held !== "unknown" && (held.pending === id || held.current === id),
  );
  return (arrived ? undefined : onItsWay(rotation, now)) ?? remade(status, now);
}

function recoverVerify(status: Status, shape: DeliveryShape, now: Instant): Recovery {
  const { recipe } = openRotation(status);
  if (recipe === "in-place") {
    return go(advance(status, shape, now), "applied already: promoted without the secret, confirm proves it");
  }
  return recoverUnpushed(status, now);
}

function recoverUnpushed(status: Status, now: Instant): Recovery {
  if (openRotation(status).recipe === "in-place-downtime") return reissued(status, now);
  return go(goTo(status, "abort", now), "the secret was lost before it was pushed: dropped and made anew");
}

function reissued(status: Status, now: Instant): Recovery {
  return go(goTo(status, "apply", now), "the applied secret was lost: issued again at once");
}

/** In place the provider's mark decides. */
function recoverApply(status: Status, sight: RecoverySight, now: Instant): Recovery {
  const rotation = openRotation(status);
  const downtime = rotation.recipe === "in-place-downtime";
  const slot = (status.versions.find((v) => v.promoted) ?? status.versions[0])?.slot;
  const there = sight.observed.find((v) => slot === undefined || v.slot === slot);
  if (there?.mark?.rotation === rotation.id && there.mark.attempt === rotation.attempt?.id) {
    const found = rotation.attempt.handle === undefined ? withObserved(status, there) : status;
    const applied = forwardOnly(inForce(found));
    if (downtime) return reissued(applied, now);
    return go(goTo(applied, "promote", now), "the provider has this attempt: promoted without the secret");
  }
  // An emergency that revoked first has left nothing before it.
  const emptied = status.versions.length === 0 && (there === undefined || isGone(there));
  const before =
    emptied ||
    status.versions.some((v) => v.slot === there?.slot && v.mark?.attempt === there?.mark?.attempt);
  if (!before) {
    return {
      kind: "park",
      code: "foreign-mark",
      message: "the provider has neither this attempt nor the version before it: somebody else changed it",
    };
  }
  return (
    onItsWay(rotation, now) ??
    (downtime
      ? go(goTo(status, "apply", now), "not applied: issued again at once")
      : go(goTo(status, "abort", now), "the provider has the version before: dropped and made anew"))
  );
}

/** What is in force cannot be taken back, whether or not its intent is still on record. */
function forwardOnly(status: Status): Status {
  return { ...status, rotation: { ...openRotation(status), pointOfNoReturn: true } };
}

/** Dropping what then still arrives would leave consumers with nothing that works. */
function onItsWay({ since, phase }: Rotation, now: Instant): Recovery | undefined {
  const until = settledAt(since);
  if (phase === "ready" || until <= now) return undefined;
  return { kind: "wait", until, why: "what a run that died had sent may still arrive" };
}

function withObserved(status: Status, version: ObservedVersion): Status {
  const rotation = openRotation(status);
  if (rotation.attempt === undefined) throw new Error("applied without an attempt");
  const createdAt = version.createdAt ?? rotation.attempt.startedAt;
  return issued(status, { handle: version.handle, slot: version.slot, createdAt });
}

function recoverPush(status: Status, sight: RecoverySight, shape: DeliveryShape, now: Instant): Recovery {
  const rotation = openRotation(status);
  const attempt = rotation.attempt?.id;
  const arrived =
    sight.pushed.length > 0 &&
    sight.pushed.every(({ held }) => held !== "unknown" && held.current === attempt);
  if (arrived || sight.newUsed) {
    const why = arrived ? "the target holds this attempt" : "the provider saw it used";
    return go(advance(promoted(status, now), shape, now), why);
  }
  const wait = onItsWay(rotation, now);
  if (wait !== undefined) return wait;
  if (rotation.recipe === "in-place-downtime") {
    return go(goTo(status, "apply", now), "not pushed: issued again at once");
  }
  const blind = sight.pushed.filter(({ held }) => held === "unknown" || held.unclear === true);
  if (blind.length === 0) {
    return go(goTo(status, "abort", now), "the target holds another version: dropped and made anew");
  }
  const names = blind.map(({ label }) => label).join(", ");
  if (rotation.emergency) {
    return go(
      goTo(status, "abort", now),
      `${names} cannot say whether it got the new version: an emergency makes another at once`,
    );
  }
  if (rotation.proceed !== undefined) {
    const { by, reason } = rotation.proceed;
    return go(advance(promoted(spent(status), now), shape, now), `${by} says that it arrived: ${reason}`);
  }
  return {
    kind: "park",
    code: PUSH_UNKNOWN,
    message:
      `${names} cannot say whether it got the new version, and the provider saw no use of it; both versions stay ` +
      "alive. Look at the target: `proceed` if it has the new one, `rollback` if it has the old one",
  };
}

/** A deactivation or revocation that did happen is recorded as it is; otherwise evidence and gates decide again. */
function recoverEnd(
  status: Status,
  step: "deactivate" | "revoke",
  sight: RecoverySight,
  shape: DeliveryShape,
  now: Instant,
): Recovery {
  const ending = retiring(status);
  const seen = ending.map((fact) => observedOf(fact, sight.observed));
  const handles = new Set(ending.map(({ handle }) => handle));
  const why = `the ${step} had happened`;
  if (step === "revoke" && seen.every((version) => version === undefined || isGone(version))) {
    return go(afterRevoke(revoked(status, handles), { now, shape }), why);
  }
  if (step === "deactivate" && ending.length > 0 && seen.every((version) => version?.live !== true)) {
    return go(advance(deactivated(status, handles, now), shape, now), why);
  }
  return go(again(status, now), `${step} is done again: it has no effect twice`);
}

/** Shown still, but nothing can make it live again: what a revoked version leaves behind. */
function isGone(version: ObservedVersion): boolean {
  return !version.live && !version.reactivatable;
}

function go(status: Status, why: string): Recovery {
  return { kind: "go", status, why };
}
