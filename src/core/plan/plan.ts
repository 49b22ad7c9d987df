import type { Instant } from "../model/instant.ts";
import type { Step } from "../state/status.ts";

export type PlanAction = "start" | "adopt" | "advance" | "recover" | "wait" | "skip" | "refuse";

/** What a run would do with one credential, and why. A credential with nothing to do has no item. */
export interface PlanItem {
  readonly credential: string;
  readonly action: PlanAction;
  readonly reason: string;
  readonly step: Step | null;
  /** When a wait ends, if an instant says so. */
  readonly notBefore: Instant | null;
}
