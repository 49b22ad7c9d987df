import type { Allowance } from "../../core/documents/check/allowance.ts";
import type { Documents, Problem } from "../../core/documents/kinds.ts";
import type { EvaluationResult } from "../../core/evaluate/evaluation.ts";
import type { Instant } from "../../core/model/instant.ts";
import type { StateFacts } from "../../core/state/facts.ts";

/** Where and when a read-only command looks. */
export interface LookOptions {
  readonly repo: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The clock of this machine. */
  readonly clock: Instant;
  /** Another clock on today's documents: what if. */
  readonly now?: string;
  /** Documents, records and clock of a commit or an instant: evidence. */
  readonly asOf?: string;
  readonly signal: AbortSignal;
}

/** People's documents as they were read. */
export interface DocumentsSight {
  readonly documents: Documents;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly count: number;
  /** Lines on which a person allowed what looks like a secret. */
  readonly allowances: readonly Allowance[];
  /** Commit they are from, or the checkout's HEAD that the work tree is based on. */
  readonly commit: string | undefined;
  /** How the work tree differs from the tip of the default branch, which is what a run reads; for people. */
  readonly differs: string | undefined;
}

/** Everything a read-only command may know. */
export interface Sight extends DocumentsSight {
  readonly now: Instant;
  readonly state: StateFacts;
  readonly evaluation: EvaluationResult;
}
