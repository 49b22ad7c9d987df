import type { AuditEntry } from "../audit/entry.ts";
import type { TrailVerdict } from "../audit/verify.ts";
import type { Documents } from "../documents/kinds.ts";
import type { EvaluationResult } from "../evaluate/evaluation.ts";
import type { Instant } from "../model/instant.ts";
import type { Sha256 } from "../ports/runtime.ts";
import type { StateFacts } from "../state/facts.ts";

/** The audit trail as it was read and verified. */
export interface TrailFacts {
  readonly verdict: TrailVerdict;
  /** Every entry that can be read, in the order of the trail. */
  readonly entries: readonly AuditEntry[];
}

/** What the search for secrets in people's documents found. */
export interface SecretScan {
  /** Valid documents: one with a value that looks like a secret is none. */
  readonly documents: number;
  /** `file:line` of each value that looks like a secret. */
  readonly found: readonly string[];
}

/** What discovery saw: the newest look at each source that the settings declare. */
export interface DiscoveryFacts {
  readonly sources: readonly {
    readonly name: string;
    /** The last look that succeeded. */
    readonly scannedAt?: Instant;
    /** Seconds after which a look is too old. */
    readonly within: number;
  }[];
  /** Registered credentials that a source showed. */
  readonly matched: readonly string[];
  /** Names of credentials that a source showed and nobody registered. */
  readonly unmanaged: readonly string[];
}

/** When credentials were last used, as their providers say. */
export interface UsageFacts {
  /** The longest, in days, that a credential may go unused. */
  readonly days: number;
  readonly lastUsed: ReadonlyMap<string, Instant>;
}

/** What happened in the period of a report. Each list names everything that falls into it, also of retired credentials. */
export interface PeriodFacts {
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
  /** Due dates, and when a verified rotation met them; `metAt` after `dueAt` is late. */
  readonly dueDates: readonly PeriodFact<{ readonly dueAt: Instant; readonly metAt?: Instant }>[];
  /** Rotations that were tried. */
  readonly rotations: readonly PeriodFact<{
    readonly verified: boolean;
    /** undefined: it did not end in a new version in use. */
    readonly completed?: { readonly oldEndsBy: Instant; readonly oldEndedAt?: Instant };
  }>[];
  readonly compromises: readonly PeriodFact<{
    readonly reportedAt: Instant;
    /** The old version was read back as dead. */
    readonly revokedAt?: Instant;
    /** Seconds. */
    readonly within: number;
  }>[];
  /** Certificates whose last safe moment for a renewal fell into the period. */
  readonly renewals: readonly PeriodFact<{ readonly lateAt: Instant; readonly renewedAt?: Instant }>[];
  /** Changes of policies, exceptions and targets, with where their approval is proven. */
  readonly changes: readonly {
    readonly id: string;
    readonly approval: "forge-review" | "signed-trailer" | "none";
  }[];
}

/** One thing of a period, with an id that a sample can name. */
export type PeriodFact<Facts> = Facts & { readonly id: string; readonly credential: string };

/** Everything that checks look at. What is absent was not collected: checks that need it say so. */
export interface CheckInput {
  readonly documents: Documents;
  readonly evaluation: EvaluationResult;
  readonly state: StateFacts;
  readonly sha256: Sha256;
  /** Documents that are invalid and records that cannot be read: what they are about is missing everywhere here. */
  readonly leftOut: number;
  /** A text says why it could not be read whole. */
  readonly trail?: TrailFacts | string;
  readonly scan?: SecretScan;
  readonly discovery?: DiscoveryFacts;
  readonly usage?: UsageFacts;
  readonly period?: PeriodFacts;
}
