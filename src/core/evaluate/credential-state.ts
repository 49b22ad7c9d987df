import type { Credential } from "../documents/credential.ts";
import type { Instant } from "../model/instant.ts";
import { type CredentialFacts, instantIn } from "./credential-facts.ts";
import type { CredentialState, Obligation } from "./evaluation.ts";
import { CREDENTIAL_CODES, type Finding, LEVELS, type Level } from "./finding.ts";

export interface Standing {
  readonly compromised: boolean;
  /** The obligation that is due first; undefined: no date. */
  readonly strictest: Obligation | undefined;
  readonly pastEnd: boolean;
}

/** Precedence: compromised, retired, expired, stale, active. No exception ever changes it. */
export function stateOf(
  credential: Credential,
  facts: CredentialFacts,
  { compromised, strictest, pastEnd }: Standing,
  now: Instant,
): CredentialState {
  if (compromised) return "compromised";
  if (isRetiring(credential, now) && facts.live.length === 0) return "retired";
  if (pastEnd || reached(strictest?.dueAt, now)) return "expired";
  return reached(strictest?.startAt, now) ? "stale" : "active";
}

/** `retiredAt` is reached: no longer needed, whether it still lives or not. */
export function isRetiring({ spec }: Credential, now: Instant): boolean {
  return spec.retiredAt !== undefined && instantIn(spec.retiredAt) <= now;
}

export function reached(instant: Instant | undefined, now: Instant): boolean {
  return instant !== undefined && instant <= now;
}

const COUNTING: ReadonlySet<string> = new Set(CREDENTIAL_CODES);

/** The highest level among the findings that count for a credential and are not waived. */
export function levelOf(findings: readonly Finding[]): Level {
  const indices = findings
    .filter(({ code, waivedBy }) => waivedBy === null && COUNTING.has(code))
    .map(({ level }) => LEVELS.indexOf(level));
  return LEVELS[Math.max(0, ...indices)] ?? "none";
}

/**
 * Strict: without exceptions. Adjusted: overdue counts, too, when exceptions waive everything critical about it, which
 * they never do for `past-end`.
 */
export function complianceOf(
  state: CredentialState,
  matched: boolean,
  findings: readonly Finding[],
): { readonly strict: boolean; readonly adjusted: boolean } {
  const strict = matched && (state === "active" || state === "stale");
  const waived = findings.every(
    ({ level, waivedBy }) => waivedBy !== null || LEVELS.indexOf(level) < LEVELS.indexOf("critical"),
  );
  return { strict, adjusted: strict || (matched && state === "expired" && waived) };
}
