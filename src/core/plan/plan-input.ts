import type { Documents } from "../documents/kinds.ts";
import type { EvaluationResult } from "../evaluate/evaluation.ts";
import type { Instant } from "../model/instant.ts";
import type { StateFacts } from "../state/facts.ts";
import type { Capabilities } from "./capability.ts";

export interface PlanInput {
  readonly evaluation: EvaluationResult;
  readonly documents: Documents;
  readonly state: StateFacts;
  readonly now: Instant;
  readonly capabilities: Capabilities;
  /** Some document is invalid: nothing starts, what is open goes on. */
  readonly valid: boolean;
  /** Id of the run that asks; a plan that nobody executes has none. */
  readonly run?: string;
  readonly isDead?: (holder: string) => boolean;
  /** Credentials to look at; absent: all. */
  readonly only?: ReadonlySet<string>;
  /** A person asked for this credential now: due date and backoff do not count, holds and freezes do. */
  readonly explicit?: { readonly credential: string; readonly by: string };
}
