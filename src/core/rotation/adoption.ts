import type { CredentialSpec } from "../documents/credential.ts";
import { type Instant, parseInstant } from "../model/instant.ts";
import type { ObservedVersion, UseEvidence } from "../ports/rotator.ts";
import type { Status, VersionFact } from "../state/status.ts";

export type AdoptionChoice =
  | { readonly kind: "adopt"; readonly current: ObservedVersion; readonly others: readonly ObservedVersion[] }
  | {
      readonly kind: "refuse";
      readonly code: "state-behind" | "adoption-ambiguous";
      readonly message: string;
    };

/**
 * Decides which version that was there before us is the current one. The reviewed document is the authority: exactly
 * one live version, or the one `handle` names, or the only one in use. Anything else is for a person.
 */
export function chooseAdoption(
  spec: CredentialSpec,
  observed: readonly ObservedVersion[],
  uses: ReadonlyMap<string, UseEvidence>,
): AdoptionChoice {
  const marked = observed.find((version) => version.mark !== undefined);
  if (marked !== undefined) {
    return {
      kind: "refuse",
      code: "state-behind",
      message: `${marked.handle} carries our mark of rotation ${marked.mark?.rotation}, but there is no record of it`,
    };
  }
  const live = observed.filter((version) => version.live);
  if (live.length === 0) return ambiguous("no version can log in", observed);
  const named =
    spec.handle === undefined
      ? undefined
      : live.find((v) => v.handle === spec.handle || v.slot === spec.handle);
  if (spec.handle !== undefined && named === undefined) {
    return ambiguous(
      `the document's handle ${spec.handle} is not among the versions that can log in`,
      observed,
    );
  }
  const inUse = live.filter((version) => uses.get(version.handle)?.kind === "used");
  const unseen = live.filter((version) => !["used", "silent"].includes(uses.get(version.handle)?.kind ?? ""));
  const onlyUsed = inUse.length === 1 && unseen.length === 0 ? inUse[0] : undefined;
  const current = named ?? (live.length === 1 ? live[0] : onlyUsed);
  if (current === undefined) {
    const blind = unseen.length === 0 ? "" : `; nobody can see whether ${unseen.length} of them are`;
    return ambiguous(
      `${live.length} versions can log in and ${inUse.length} of them are in use${blind}`,
      observed,
    );
  }
  const others = observed.filter((version) => version !== current && (version.live || keepsSlots(spec)));
  return { kind: "adopt", current, others };
}

/**
 * Of a pair of roles the one that cannot log in is the free slot, which is marked so that nobody else takes it. Elsewhere
 * a slot comes with its version, and one that somebody deactivated before us is theirs.
 */
function keepsSlots({ provider }: CredentialSpec): boolean {
  return provider?.postgresql !== undefined;
}

/** The recorded fact of an adopted version; its age is declared by people where the provider does not tell. */
export function adoptedVersion(
  spec: CredentialSpec,
  version: ObservedVersion,
  promoted: boolean,
  mark: VersionFact["mark"],
): VersionFact {
  const declared = version.createdAt === undefined;
  return {
    handle: version.handle,
    slot: version.slot,
    createdAt: version.createdAt ?? declaredCreation(spec),
    ...(version.expiresAt === undefined ? {} : { expiresAt: version.expiresAt }),
    live: version.live,
    promoted,
    origin: "adopted",
    ...(declared ? { declared } : {}),
    ...(mark === undefined ? {} : { mark }),
  };
}

/** What was there before us is on record. */
export function adopted(
  status: Status,
  versions: readonly VersionFact[],
  identity: string,
  now: Instant,
): Status {
  return { ...status, identity, adoptedAt: now, versions: [...versions] };
}

function declaredCreation(spec: CredentialSpec): Instant {
  const instant = parseInstant(spec.rotatedAt ?? spec.createdAt);
  if (instant === undefined) throw new Error("a date that is none passed validation");
  return instant;
}

function ambiguous(why: string, observed: readonly ObservedVersion[]): AdoptionChoice {
  const list = observed
    .map(
      (v) =>
        `${v.handle} (${v.live ? "can log in" : "cannot log in"}${v.createdAt ? `, since ${v.createdAt}` : ""}${v.note ? `, ${v.note}` : ""})`,
    )
    .join("; ");
  return { kind: "refuse", code: "adoption-ambiguous", message: `${why}: ${list || "nothing found"}` };
}
