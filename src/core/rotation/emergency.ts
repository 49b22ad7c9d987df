import type { Instant } from "../model/instant.ts";
import type { EffectivePolicy, Status } from "../state/status.ts";
import { isOpen } from "./transition.ts";

/** What a compromise asks of a record. */
export type EmergencyCourse =
  /** The open rotation's new version is newer than the incident: it goes on as the emergency. */
  | { readonly kind: "escalate" }
  /** It is one already, or nothing that lives is burnt. */
  | { readonly kind: "none" }
  /** A new rotation; `clearFirst` when burnt versions that nobody uses occupy a slot, or all must die first. */
  | { readonly kind: "open"; readonly clearFirst: boolean };

export function emergencyCourse(
  status: Status,
  compromise: { readonly at: Instant; readonly because: string; readonly revokeFirst: boolean },
  slots: 1 | 2,
): EmergencyCourse {
  const rotation = isOpen(status.rotation) ? status.rotation : undefined;
  const crowded = slots === 2 && status.versions.length > 1;
  if (rotation !== undefined) {
    const already: EmergencyCourse = rotation.emergency ? { kind: "none" } : { kind: "escalate" };
    // An effect may have happened: its recovery comes first, no longer held by any gate.
    if (rotation.outcome === "open" && rotation.phase === "intended") return already;
    if (rotation.emergency && rotation.openedAt >= compromise.at) return { kind: "none" };
    const renewing = rotation.recipe !== "retire" && rotation.recipe !== "adopt" && rotation.recipe !== "value";
    const fresh = status.versions.some((v) => v.mark?.attempt === rotation.attempt?.id && v.createdAt > compromise.at);
    if (renewing && fresh) return already;
    if (renewing && rotation.attempt === undefined && !crowded && !compromise.revokeFirst) return already;
  }
  return { kind: "open", clearFirst: compromise.revokeFirst || crowded };
}

/** The pinned policy of an emergency: its order is the incident's where that asks to revoke first. */
export function emergencyPolicy(policy: EffectivePolicy, revokeFirst: boolean): EffectivePolicy {
  return revokeFirst ? { ...policy, emergency: { ...policy.emergency, order: "revoke-first" } } : policy;
}
