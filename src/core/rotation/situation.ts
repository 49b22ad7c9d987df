import type { Instant } from "../model/instant.ts";
import type { Rotation, Status, Step } from "../state/status.ts";
import type { AdoptionChoice } from "./adoption.ts";
import type { NewVersionSight } from "./confirm.ts";
import type { Gates } from "./gate.ts";
import type { OldSight } from "./old-use.ts";
import type { DeliveryShape } from "./recipe.ts";
import type { RecoverySight } from "./recovery.ts";

/** What read-only looks found for the step at hand. Forgotten as soon as the step changes. */
export interface Sights {
  readonly preflight?: "passed";
  readonly verified?: "passed";
  readonly collected?: { readonly ready: boolean; readonly detail: string };
  readonly newVersion?: NewVersionSight;
  readonly old?: OldSight;
  readonly recovery?: RecoverySight;
  readonly adoption?: AdoptionChoice;
}

/** Everything outside the record that the next move depends on. */
export interface Situation {
  readonly now: Instant;
  readonly shape: DeliveryShape;
  readonly gates: Gates;
  /** The current attempt's secret is in the memory of this process. */
  readonly hasSecret: boolean;
  /** The intent at hand was pushed by this process, which knows whether its effect was tried. */
  readonly ourIntent: boolean;
  readonly canDeactivate: boolean;
  readonly canContain: boolean;
  readonly documentGone: boolean;
  /** A person asked for this credential now: backoff is not waited for. */
  readonly explicit: boolean;
  readonly sights: Sights;
}

/** A read-only question that must be answered before the next decision. */
export type Look =
  | "preflight"
  | "verify"
  | "certificate"
  | "new-version"
  | "old-version"
  | "recovery"
  | "adoption";

export type Move =
  /** Nothing more can be done in this run. */
  | { readonly kind: "rest"; readonly status: Status }
  /** Worth staying for (an emergency that waits for its proof, consumers that may be out): look again shortly. */
  | { readonly kind: "poll"; readonly until: Instant }
  | { readonly kind: "look"; readonly look: Look }
  | { readonly kind: "effect"; readonly status: Status; readonly step: Step; readonly newAttempt: boolean }
  /** The record moves on without an effect. */
  | { readonly kind: "go"; readonly status: Status; readonly event: string; readonly detail: string };

export type Wait = NonNullable<Rotation["wait"]>;
