/** Levels, lowest first. */
export const LEVELS = ["none", "warning", "critical", "emergency"] as const;
export type Level = (typeof LEVELS)[number];

/** Codes that count for a credential's level. */
export const CREDENTIAL_CODES = [
  "rotation-due",
  "rotation-overdue",
  "past-end",
  "compromised",
  "unmatched",
  "no-due-date",
  "required-field",
  "retired-but-live",
  "rotation-held",
  "old-still-used",
  "certificate-awaited",
  "left-behind",
  "rotation-parked",
  "state-behind",
  "adoption-ambiguous",
  "drift",
  "target-changed",
  "chain-expired",
  "chain-not-yet-valid",
  "chain-name-mismatch",
  "chain-self-signed",
  "chain-untrusted",
  "chain-revoked",
  "chain-incomplete",
  "chain-misordered",
  "chain-extra",
  "chain-weak-key",
  "chain-weak-signature",
  "chain-differs",
  "chain-outdated",
  "endpoint-unreachable",
] as const;

/** Codes about the repository as a whole. */
export const REPOSITORY_CODES = [
  "access-undeclared",
  "exception-expiring",
  "exception-expired",
  "exception-void",
  "exception-self-approved",
  "removed-without-retirement",
  "backdated",
  "ghost",
  "unmanaged",
  "shared-credential",
  "discovery-concern",
  "discovery-incomplete",
  "enforcer-late",
  "schedule-disabled",
  "secret-absent",
  "token-ending",
  "channel-failing",
] as const;

/** No exception waives these: they are facts about the world, not about a rule. */
export const NEVER_WAIVED: ReadonlySet<string> = new Set<FindingCode>(["compromised", "past-end"]);

export type FindingCode = (typeof CREDENTIAL_CODES)[number] | (typeof REPOSITORY_CODES)[number];

/** One violation as data; core/message turns it into English. */
export interface Finding {
  readonly code: FindingCode;
  readonly level: Level;
  readonly credential: string | null;
  readonly policy: string | null;
  /** What tells two findings of one code, credential and policy apart (an exception's name, a field). */
  readonly discriminator: string;
  /** Typed facts the message is made of; instants as text, never a secret. */
  readonly facts: Readonly<Record<string, string | number>>;
  readonly file: string | null;
  readonly line: number | null;
  /** Name of the exception that waives it. */
  readonly waivedBy: string | null;
  /** First 16 hex of SHA-256 over code, credential, policy and discriminator. Stable across runs. */
  readonly fingerprint: string;
}
