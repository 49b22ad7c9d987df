import type { Instant } from "../model/instant.ts";
import type { ObservedVersion } from "../ports/rotator.ts";
import type { Rotation, Status, VersionFact } from "../state/status.ts";
import { isInPlace } from "./recipe.ts";

/** What a comparison of the record with the provider found. */
export type Reconciled =
  | {
      readonly kind: "consistent";
      readonly versions: readonly VersionFact[];
      readonly orphans: readonly ObservedVersion[];
    }
  | { readonly kind: "behind"; readonly code: "state-behind" | "drift"; readonly message: string };

/**
 * Compares what we recorded with what lives at the provider. The provider's marks are the authority: a mark newer
 * than the record, a mark of ours that no record knows, or a live version nobody recorded means that our state is
 * older than the world, and nothing may be touched. What an intended effect may have left behind is no difference.
 *
 * Orphans are versions of the open rotation that were never promoted: issued by a run that died, or late.
 */
export function reconcile(status: Status, observed: readonly ObservedVersion[]): Reconciled {
  const orphans: ObservedVersion[] = [];
  const seen = new Map<VersionFact, ObservedVersion>();
  for (const version of observed) {
    if (version.mark !== undefined && version.mark.epoch > status.epoch) {
      return behind(
        `${version.handle} carries epoch ${version.mark.epoch}, the record knows only ${status.epoch}`,
      );
    }
    const fact = findFact(status.versions, version);
    if (fact !== undefined) {
      seen.set(fact, version);
      continue;
    }
    const found = judgeStranger(status, version);
    if (found === "orphan") orphans.push(version);
    else if (found !== "emptied") return found;
  }
  const versions: VersionFact[] = [];
  for (const fact of status.versions) {
    const found = judgeKnown(status, fact, seen.get(fact), orphans);
    if (found === undefined) continue;
    if ("kind" in found) return found;
    versions.push(found);
  }
  return { kind: "consistent", versions, orphans };
}

type Behind = Extract<Reconciled, { kind: "behind" }>;

/** A version at the provider that no record knows. */
function judgeStranger(status: Status, version: ObservedVersion): Behind | "orphan" | "emptied" {
  const { handle, slot, mark, live } = version;
  const occupied = status.versions.some((known) => known.slot === slot && known.mark !== undefined);
  // What a revoked version leaves behind, until the next one takes its slot.
  const dead = !live && !version.reactivatable;
  if (mark !== undefined) {
    if (dead && !occupied) return "emptied";
    if (isUnfinished(status.rotation) && mark.rotation === status.rotation.id) {
      // With one slot it is the only version there is, and one that is dead already where the record has another is no
      // orphan either: there is nothing to drop, but something that the record has forgotten.
      const orphan = !isInPlace(status.rotation.recipe) || mayHaveApplied(status.rotation, mark.attempt);
      if (orphan && !dead) return "orphan";
      return behind(`${handle} carries a mark of this rotation that its record does not know`);
    }
    return behind(`${handle} carries a mark of rotation ${mark.rotation}, which no record knows`);
  }
  if (occupied) return drift(`the mark on ${slot} is gone: somebody changed it outside of this tool`);
  return live ? behind(`${handle} can log in, but no record knows it`) : "emptied";
}

function mayHaveApplied({ attempt, step }: Rotation, id: string): boolean {
  return attempt?.id === id && step !== "preflight";
}

/** A recorded version: what is left of it, if anything. */
function judgeKnown(
  status: Status,
  fact: VersionFact,
  version: ObservedVersion | undefined,
  orphans: readonly ObservedVersion[],
): Behind | VersionFact | undefined {
  const current = fact === currentVersion(status.versions);
  if (version === undefined) {
    if (orphans.some((orphan) => orphan.slot === fact.slot)) return fact;
    // Its end stays on record until the intent that may have brought it is settled.
    if (mayHave(status, "revoke")) return { ...fact, live: false };
    // A provider that shows late, or lists nothing, has not yet shown what its open attempt has made: only an abort drops it.
    if (isOfAttempt(status, fact)) return fact;
    if (fact.live && current) return drift(`${fact.handle}, which consumers use, is gone at the provider`);
    return undefined;
  }
  if (
    version.live &&
    !fact.live &&
    fact.deactivatedAt !== undefined &&
    !mayHave(status, "reactivate", "deactivate")
  ) {
    return drift(`${fact.handle} was deactivated and can log in again`);
  }
  // One that nobody could switch on again has come to its own end.
  const switchedOff = !version.live && version.reactivatable && fact.live && current;
  if (switchedOff && !mayHave(status, "deactivate", "reactivate", "revoke")) {
    return drift(`${fact.handle}, which consumers use, was switched off by somebody else`);
  }
  return refreshed(fact, version);
}

/** Enabled at the provider when last observed, and before its own end. */
export function canAuthenticate({ live, expiresAt }: VersionFact, now: Instant): boolean {
  return live && (expiresAt === undefined || expiresAt > now);
}

/** The version consumers use: the newest promoted one; of two from one second the one recorded last. */
export function currentVersion(versions: readonly VersionFact[]): VersionFact | undefined {
  let current: VersionFact | undefined;
  for (const version of versions) {
    if (!version.promoted) continue;
    if (current === undefined || version.createdAt >= current.createdAt) current = version;
  }
  return current;
}

/** Made by the attempt of the open rotation, and not in use yet. */
function isOfAttempt({ rotation }: Status, { mark, promoted }: VersionFact): boolean {
  if (!isUnfinished(rotation) || promoted || rotation.step === "abort") return false;
  return mark !== undefined && mark.attempt === rotation.attempt?.id;
}

function isUnfinished(rotation: Rotation | undefined): rotation is Rotation {
  return rotation !== undefined && (rotation.outcome === "open" || rotation.outcome === "parked");
}

/** Marks identify versions; without marks (observed only) the handle does. */
function findFact(facts: readonly VersionFact[], version: ObservedVersion): VersionFact | undefined {
  if (version.mark === undefined) {
    return facts.find((fact) => fact.mark === undefined && fact.handle === version.handle);
  }
  const { attempt } = version.mark;
  return facts.find((fact) => fact.slot === version.slot && fact.mark?.attempt === attempt);
}

/** The effect of one of these steps may have happened without a record of it. */
function mayHave({ rotation }: Status, ...steps: readonly Rotation["step"][]): boolean {
  return isUnfinished(rotation) && rotation.phase === "intended" && steps.includes(rotation.step);
}

function refreshed(fact: VersionFact, version: ObservedVersion): VersionFact {
  const { missingAt: _, ...rest } = fact;
  return {
    ...rest,
    live: version.live,
    ...(version.expiresAt === undefined ? {} : { expiresAt: version.expiresAt }),
    ...(version.mark === undefined ? {} : { mark: version.mark }),
    ...(version.notBefore === undefined ? {} : { notBefore: version.notBefore }),
    ...(version.renewal === undefined ? {} : { renewal: version.renewal }),
    ...(version.missingAt === undefined || version.missingAt.length === 0
      ? {}
      : { missingAt: [...version.missingAt] }),
  };
}

function behind(message: string): Behind {
  return { kind: "behind", code: "state-behind", message };
}

function drift(message: string): Behind {
  return { kind: "behind", code: "drift", message };
}
