import type { Held } from "../ports/delivery.ts";
import type { Instant } from "../model/instant.ts";
import type { ObservedVersion } from "../ports/rotator.ts";
import type { Status } from "../state/status.ts";
import type { DeliveryShape } from "./recipe.ts";
import { advance, closing, goTo, inForce, openRotation, promoted } from "./transition.ts";

/** What the probes say about an effect whose result nobody recorded. */
export interface RecoverySight {
  readonly observed: readonly ObservedVersion[];
  /** What push-only targets hold. */
  readonly pushed: readonly { readonly label: string; readonly held: Held | "unknown" }[];
  /** The provider saw somebody use the new version. */
  readonly newUsed: boolean;
}

export type Recovery =
  | { readonly kind: "go"; readonly status: Status; readonly why: string }
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
    case "issue":
    case "stage":
      return go(goTo(status, "abort", now), "the new version's secret was lost with the run: it is dropped and made anew");
    case "verify":
      return recoverVerify(status, shape, now);
    case "apply":
      return recoverApply(status, sight, now);
    case "push":
      return phase === "ready" ? recoverUnpushed(status, now) : recoverPush(status, sight, shape, now);
    default:
      // Repeating these changes nothing that is already so.
      return go(goTo(status, step, now), `${step} is done again: it has no effect twice`);
  }
}

function recoverVerify(status: Status, shape: DeliveryShape, now: Instant): Recovery {
  const { recipe } = openRotation(status);
  if (recipe === "in-place") return go(advance(status, shape, now), "applied already: promoted without the secret, confirm proves it");
  if (recipe === "in-place-downtime") return go(goTo(status, "apply", now), "the applied secret was lost: issued again at once");
  return go(goTo(status, "abort", now), "the new version's secret was lost with the run: it is dropped and made anew");
}

function recoverUnpushed(status: Status, now: Instant): Recovery {
  const downtime = openRotation(status).recipe === "in-place-downtime";
  if (downtime) return go(goTo(status, "apply", now), "the applied secret was lost: issued again at once");
  return go(goTo(status, "abort", now), "the secret was lost before it was pushed: dropped and made anew");
}

function recoverApply(status: Status, sight: RecoverySight, now: Instant): Recovery {
  const rotation = openRotation(status);
  const slot = status.versions.find((v) => v.promoted)?.slot;
  const there = sight.observed.find((v) => slot === undefined || v.slot === slot);
  const ours = there?.mark?.rotation === rotation.id && there.mark.attempt === rotation.attempt?.id;
  if (rotation.recipe === "in-place-downtime") {
    return go(goTo(status, "apply", now), "the applied secret was lost: issued again at once");
  }
  if (ours) {
    const applied = rotation.attempt?.handle === undefined ? withObserved(status, there) : status;
    return go(goTo(inForce(applied), "promote", now), "the provider has this attempt: promoted without the secret");
  }
  const before = status.versions.some((v) => v.slot === there?.slot && v.mark?.attempt === there?.mark?.attempt);
  if (before) return go(goTo(status, "abort", now), "the provider has the version before: dropped and made anew");
  return {
    kind: "park",
    code: "foreign-mark",
    message: "the provider has neither this attempt nor the version before it: somebody else changed it",
  };
}

function withObserved(status: Status, version: ObservedVersion): Status {
  const rotation = openRotation(status);
  if (rotation.attempt === undefined) throw new Error("applied without an attempt");
  const facts = { handle: version.handle, slot: version.slot, createdAt: version.createdAt ?? rotation.attempt.startedAt };
  return { ...status, rotation: { ...rotation, attempt: { ...rotation.attempt, ...facts } } };
}

function recoverPush(status: Status, sight: RecoverySight, shape: DeliveryShape, now: Instant): Recovery {
  const rotation = openRotation(status);
  const attempt = rotation.attempt?.id;
  const arrived = sight.pushed.every(({ held }) => held !== "unknown" && held.current === attempt);
  if (arrived || sight.newUsed) {
    return go(advance(promoted(status, now), shape, now), arrived ? "the target holds this attempt" : "the provider saw it used");
  }
  const blind = sight.pushed.filter(({ held }) => held === "unknown");
  if (rotation.recipe === "in-place-downtime") return go(goTo(status, "apply", now), "not pushed: issued again at once");
  if (blind.length === 0) return go(goTo(status, "abort", now), "the target holds another version: dropped and made anew");
  return {
    kind: "park",
    code: "push-unknown",
    message: `${blind.map(({ label }) => label).join(", ")} cannot say whether it got the new version, and the provider saw no use of it; both versions stay alive`,
  };
}

function go(status: Status, why: string): Recovery {
  return { kind: "go", status, why };
}
