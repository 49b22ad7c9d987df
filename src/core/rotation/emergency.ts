import type { Instant } from "../model/instant.ts";
import type { EffectivePolicy, Rotation, Status } from "../state/status.ts";
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
  const crowded = slots === 2 && status.versions.length > 1;
  const fromStart: EmergencyCourse = { kind: "open", clearFirst: compromise.revokeFirst || crowded };
  if (!isOpen(status.rotation)) return fromStart;
  const { rotation } = status;
  const already: EmergencyCourse = rotation.emergency ? { kind: "none" } : { kind: "escalate" };
  if (isUnsettled(rotation)) return already;
  if (rotation.emergency && rotation.openedAt >= compromise.at) return { kind: "none" };
  switch (rotation.recipe) {
    case "adopt":
      return status.adoptedAt === undefined ? already : fromStart;
    case "retire":
      return already;
    case "value":
      return fromStart;
    default:
      break;
  }
  const { attempt } = rotation;
  const fresh = status.versions.some((v) => v.mark?.attempt === attempt?.id && v.createdAt > compromise.at);
  if (attempt !== undefined && fresh) return already;
  if (attempt === undefined && !crowded && !compromise.revokeFirst) return already;
  return fromStart;
}

/** Something may live that no record knows: its recovery or removal comes first, no longer held by any gate. */
function isUnsettled({ phase, step }: Rotation): boolean {
  return phase === "intended" || step === "abort";
}

/** The pinned policy of an emergency: its order is the incident's where that asks to revoke first. */
export function emergencyPolicy(policy: EffectivePolicy, revokeFirst: boolean): EffectivePolicy {
  return revokeFirst ? { ...policy, emergency: { ...policy.emergency, order: "revoke-first" } } : policy;
}
