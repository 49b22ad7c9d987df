import type { Credential } from "../documents/credential.ts";
import type { Policy } from "../documents/policy.ts";
import type { Instant } from "../model/instant.ts";
import type { StateFacts } from "../state/facts.ts";
import type { Status } from "../state/status.ts";
import { burningCompromise } from "./compromise.ts";
import { type CredentialFacts, factsOf, instantIn } from "./credential-facts.ts";
import { isRetiring } from "./credential-state.ts";
import { dueDateOf } from "./due-date.ts";
import { matches } from "./match.ts";

/** What the due date of a credential is made of, at one instant. */
export interface DueNow {
  readonly facts: CredentialFacts;
  /** The earliest that a matching policy gives; undefined: none does, or it is retired. */
  readonly due: { readonly dueAt: Instant; readonly policy: string } | undefined;
  readonly retired: boolean;
}

/**
 * The due date that `evaluateCredential` would give, and nothing else: histories ask for it at many instants.
 * `policies` are sorted by name, `status` is the credential's own or that of a former name.
 */
export function dueNow(
  credential: Credential,
  status: Status | undefined,
  { policies, state }: { readonly policies: readonly Policy[]; readonly state: StateFacts },
  now: Instant,
): DueNow {
  const facts = factsOf(credential, status, now);
  const retired =
    isRetiring(credential, now) &&
    facts.live.length === 0 &&
    burningCompromise(credential, facts, state) === undefined;
  if (retired) return { facts, due: undefined, retired };
  let due: DueNow["due"];
  for (const { metadata, spec } of policies) {
    if (!matches(spec.match, credential)) continue;
    const dueAt = dueDateOf(spec, facts)?.dueAt;
    if (dueAt !== undefined && (due === undefined || dueAt < due.dueAt)) {
      due = { dueAt, policy: metadata.name };
    }
  }
  return { facts, due, retired };
}

/** The next instant at which this may change though nothing is written: a version's own end, or the retirement. */
export function nextTurn(
  { spec }: Credential,
  status: Status | undefined,
  now: Instant,
): Instant | undefined {
  let next = spec.retiredAt === undefined ? undefined : instantIn(spec.retiredAt);
  if (next !== undefined && next <= now) next = undefined;
  for (const { live, expiresAt } of status?.versions ?? []) {
    if (!live || expiresAt === undefined || expiresAt <= now) continue;
    if (next === undefined || expiresAt < next) next = expiresAt;
  }
  return next;
}
