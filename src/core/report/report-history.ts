import type { CredentialStory } from "../history/credential-stories.ts";
import type { Period } from "../period/period.ts";
import type { PeriodRows, TrendPoint } from "./history-schema.ts";

/** What happened before the instant of a report. */
export interface ReportHistory {
  /** By the name that the credential has now, or had last. */
  readonly stories: ReadonlyMap<string, CredentialStory>;
  /** The oldest first, each before the report's own instant. */
  readonly trend: readonly TrendPoint[];
  /** The period that was asked for, with what happened in it. */
  readonly period?: { readonly asked: Period; readonly rows: PeriodRows };
  /** What a reader must know of how far the history reaches. */
  readonly warnings: readonly string[];
}
