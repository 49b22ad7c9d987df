import type { Sourced } from "../documents/kinds.ts";
import type { Exception } from "../documents/waiver.ts";
import type { Instant } from "../model/instant.ts";
import type { Period } from "../period/period.ts";
import type { DocumentChange } from "../ports/store.ts";
import type { Approvals } from "./approvals.ts";
import type { LedgerSum } from "./due-ledger.ts";
import type { Compromise } from "./seen-documents.ts";
import type { RotationTrace } from "./trace-rotations.ts";

/** Everything that is known of a period at one instant. */
export interface PeriodInput {
  readonly period: Period;
  /** Nothing that happened later is told. */
  readonly knownAt: Instant;
  readonly dueDates: LedgerSum;
  readonly rotations: readonly RotationTrace[];
  /** Those that were not withdrawn. */
  readonly compromises: readonly Compromise[];
  /** In force at some time of the period. */
  readonly exceptions: readonly Sourced<Exception>[];
  readonly changes: readonly DocumentChange[];
  readonly approvals: Approvals;
  /** A forge says who approved what; without one exceptions name their approver. */
  readonly hasReviews: boolean;
  /** When people say that they rotated it; undefined: they do not rotate it, or have not. */
  readonly rotatedByPeople: (credential: string) => Instant | undefined;
  /** Seconds within which the versions from before a compromise are to be dead. */
  readonly answerWithin: (credential: string) => number;
  /** Of a selection the chosen ones. */
  readonly isMeant: (credential: string) => boolean;
}
