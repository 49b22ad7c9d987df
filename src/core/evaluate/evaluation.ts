import type { Credential } from "../documents/credential.ts";
import type { Documents, Sourced } from "../documents/kinds.ts";
import type { Instant } from "../model/instant.ts";
import type { Sha256 } from "../ports/runtime.ts";
import type { ChangeHold } from "../reviews/change-hold.ts";
import type { StateFacts } from "../state/facts.ts";
import type { EffectivePolicy, VersionFact } from "../state/status.ts";
import type { JudgedException } from "./exceptions.ts";
import type { Finding, Level } from "./finding.ts";

export type CredentialState = "active" | "stale" | "expired" | "compromised" | "retired";

export interface EvaluationInput {
  readonly documents: Documents;
  /** Already joined with renamed documents (`joinRecords`). */
  readonly state: StateFacts;
  readonly now: Instant;
  /** Commit of the documents, if any. */
  readonly commit: string | undefined;
  readonly sha256: Sha256;
  /** Some document is invalid: what is missing from `documents` may still be there, so nothing counts as removed. */
  readonly incomplete?: boolean;
  /** Exceptions are judged as if the forge had said that others approved them: what a change would do, once it is. */
  readonly assumeApproved?: boolean;
}

/** What one matching policy asks of one credential. */
export interface Obligation {
  readonly policy: string;
  readonly enforcement: "report" | "rotate";
  /** undefined: the policy gives no date (finding `no-due-date`). */
  readonly dueAt: Instant | undefined;
  /** First instant at which it is stale, and at which its rotation may start. */
  readonly startAt: Instant | undefined;
  /** How `dueAt` came about, for `explain`. */
  readonly arithmetic: string;
  /** Exception that waives it now. */
  readonly exception: string | undefined;
}

/** Where a field of the effective policy came from, for `explain`. */
export interface FieldSource {
  readonly field: string;
  readonly value: string;
  readonly policy: string | null;
}

export interface EvaluatedCredential {
  readonly name: string;
  readonly source: Sourced<Credential>;
  readonly state: CredentialState;
  readonly level: Level;
  readonly dueAt: Instant | undefined;
  /** Strictest policy: earliest due, ties by name; undefined when unmatched. */
  readonly policy: string | undefined;
  /** Exception that waives the strictest policy's finding now. */
  readonly exception: string | undefined;
  /** Sorted by policy name. */
  readonly obligations: readonly Obligation[];
  readonly effective: EffectivePolicy;
  readonly effectiveSources: readonly FieldSource[];
  /** Creation of the oldest live version, or what stands for it. */
  readonly last: Instant;
  readonly lastSource: string;
  /** The provider's own end of the version in use, and who says so. */
  readonly endsAt: Instant | undefined;
  readonly endSource: string | undefined;
  /** Versions that were able to authenticate when last observed and are before their own end. */
  readonly live: readonly VersionFact[];
  readonly pastEnd: boolean;
  /**
   * The instant and source of the newest compromise that still burns a live version: the document's block or an
   * incident that was not withdrawn.
   */
  readonly compromise:
    | { readonly at: Instant; readonly because: string; readonly revokeFirst: boolean }
    | undefined;
  /** Some `rotate` policy makes it due now and not every policy that makes it due is excepted. */
  readonly rotationDue: { readonly policy: string; readonly dueAt: Instant } | undefined;
  /** Every policy that makes it due is excepted (by this one, the first by name). */
  readonly startExcepted: string | undefined;
  readonly compliantStrict: boolean;
  readonly compliantAdjusted: boolean;
  /** A change of where its secret comes from or goes to that keeps it back. */
  readonly change: ChangeHold | undefined;
  /** Exceptions about it, whether they count now or not, by name. */
  readonly exceptions: readonly JudgedException[];
  readonly findings: readonly Finding[];
}

export interface EvaluationResult {
  readonly asOf: Instant;
  readonly commit: string | undefined;
  readonly stateCommit: string | undefined;
  /** Sorted by name. */
  readonly credentials: ReadonlyMap<string, EvaluatedCredential>;
  /** All findings, sorted by credential name (repository findings first), code, policy, discriminator. */
  readonly findings: readonly Finding[];
}
