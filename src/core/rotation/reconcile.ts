import type { ObservedVersion } from "../ports/rotator.ts";
import type { Status, VersionFact } from "../state/status.ts";

/** What a comparison of the record with the provider found. */
export type Reconciled =
  | { readonly kind: "consistent"; readonly versions: readonly VersionFact[]; readonly orphans: readonly ObservedVersion[] }
  | { readonly kind: "behind"; readonly code: "state-behind" | "drift"; readonly message: string };

/**
 * Compares what we recorded with what lives at the provider. The provider's marks are the authority: a mark newer
 * than the record, a mark of ours that no record knows, or a live version nobody recorded means that our state is
 * older than the world, and nothing may be touched.
 *
 * Orphans are versions of the open rotation that were never promoted: issued by a run that died, or late.
 */
export function reconcile(status: Status, observed: readonly ObservedVersion[]): Reconciled {
  const rotation = status.rotation;
  const openId = rotation !== undefined && isUnfinished(rotation.outcome) ? rotation.id : undefined;
  const orphans: ObservedVersion[] = [];
  const seen = new Map<VersionFact, ObservedVersion>();

  for (const version of observed) {
    if (version.mark !== undefined && version.mark.epoch > status.epoch) {
      return behind(`${version.handle} carries epoch ${version.mark.epoch}, the record knows only ${status.epoch}`);
    }
    const fact = findFact(status.versions, version);
    if (fact !== undefined) {
      seen.set(fact, version);
      continue;
    }
    if (version.mark !== undefined && version.mark.rotation === openId) {
      orphans.push(version);
      continue;
    }
    if (version.mark !== undefined) {
      return behind(`${version.handle} carries a mark of rotation ${version.mark.rotation}, which no record knows`);
    }
    if (status.versions.some((known) => known.slot === version.slot && known.mark !== undefined)) {
      return {
        kind: "behind",
        code: "drift",
        message: `the mark on ${version.slot} is gone: somebody changed it outside of this tool`,
      };
    }
    if (version.live) return behind(`${version.handle} can log in, but no record knows it`);
  }

  const versions: VersionFact[] = [];
  for (const fact of status.versions) {
    const version = seen.get(fact);
    if (version === undefined) {
      if (orphans.some((orphan) => orphan.slot === fact.slot)) {
        versions.push(fact);
        continue;
      }
      if (fact.promoted && fact.live && isCurrent(status, fact)) {
        return { kind: "behind", code: "drift", message: `${fact.handle}, which consumers use, is gone at the provider` };
      }
      continue;
    }
    if (version.live && !fact.live && fact.deactivatedAt !== undefined && !reactivating(status)) {
      return { kind: "behind", code: "drift", message: `${fact.handle} was deactivated and can log in again` };
    }
    if (!version.live && fact.live && isCurrent(status, fact) && !reactivating(status)) {
      return { kind: "behind", code: "drift", message: `${fact.handle}, which consumers use, was switched off by somebody else` };
    }
    versions.push(refreshed(fact, version));
  }
  return { kind: "consistent", versions, orphans };
}

/** The version consumers use: the newest promoted one. */
export function currentVersion(versions: readonly VersionFact[]): VersionFact | undefined {
  return versions.filter((version) => version.promoted).sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))[0];
}

function isCurrent(status: Status, fact: VersionFact): boolean {
  return currentVersion(status.versions) === fact;
}

function isUnfinished(outcome: string): boolean {
  return outcome === "open" || outcome === "parked";
}

/** Marks identify versions; without marks (observed only) the handle does. */
function findFact(facts: readonly VersionFact[], version: ObservedVersion): VersionFact | undefined {
  if (version.mark === undefined) return facts.find((fact) => fact.mark === undefined && fact.handle === version.handle);
  const { attempt } = version.mark;
  return facts.find((fact) => fact.slot === version.slot && fact.mark?.attempt === attempt);
}

/** A deactivation or reactivation whose result was not recorded may have happened or not. */
function reactivating(status: Status): boolean {
  const rotation = status.rotation;
  return (
    rotation !== undefined &&
    isUnfinished(rotation.outcome) &&
    rotation.phase === "intended" &&
    (rotation.step === "reactivate" || rotation.step === "deactivate")
  );
}

function refreshed(fact: VersionFact, version: ObservedVersion): VersionFact {
  return {
    ...fact,
    live: version.live,
    ...(version.expiresAt === undefined ? {} : { expiresAt: version.expiresAt }),
    ...(version.mark === undefined ? {} : { mark: version.mark }),
  };
}

function behind(message: string): Reconciled {
  return { kind: "behind", code: "state-behind", message };
}
