import type { Instant } from "../model/instant.ts";
import type { EffectivePolicy, RecipeName, Rotation } from "../state/status.ts";
import type { PlanAction, PlanItem } from "./plan.ts";

/** How a new rotation is opened. */
export interface OpenAct {
  readonly kind: "open";
  readonly recipe: RecipeName;
  readonly reason: Rotation["reason"];
  readonly because: string;
  readonly emergency: boolean;
  readonly clearFirst: boolean;
  readonly policy: EffectivePolicy;
  /** Provider identity; undefined where a person makes the value. */
  readonly identity: string | undefined;
}

/** What the runner executes for one credential. */
export type Act = { readonly kind: "go" } | { readonly kind: "escalate"; readonly because: string } | OpenAct;

/** One line of the plan with what the runner does about it; without `act` nothing. */
export interface Course {
  readonly item: PlanItem;
  readonly act?: Act;
}

export function course(
  credential: string,
  action: PlanAction,
  reason: string,
  step: PlanItem["step"] = null,
  notBefore?: Instant,
  act?: Act,
): Course {
  return {
    item: { credential, action, reason, step, notBefore: notBefore ?? null },
    ...(act === undefined ? {} : { act }),
  };
}
