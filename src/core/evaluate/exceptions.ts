import type { Credential } from "../documents/credential.ts";
import type { Documents, Sourced } from "../documents/kinds.ts";
import { POLICY_DEFAULTS } from "../documents/policy.ts";
import type { Exception } from "../documents/waiver.ts";
import { durationSeconds, type Instant, secondsBetween } from "../model/instant.ts";
import { instantIn } from "./credential-facts.ts";
import { matches } from "./match.ts";

/** An exception with what this instant and its policy make of it. */
export interface JudgedException {
  readonly name: string;
  readonly source: Sourced<Exception>;
  readonly phase: "future" | "running" | "expired";
  /** Why it does not count; undefined: it counts. */
  readonly void: { readonly code: "exception-void" | "exception-self-approved"; readonly reason: string } | undefined;
}

/** All exceptions by name, judged at this instant. */
export function judgeExceptions(documents: Documents, now: Instant): readonly JudgedException[] {
  return [...documents.exceptions.values()]
    .map((source): JudgedException => {
      const { spec, metadata } = source.document;
      const phase = now < instantIn(spec.startsAt) ? "future" : now < instantIn(spec.expiresAt) ? "running" : "expired";
      return { name: metadata.name, source, phase, void: whyVoid(source.document, documents) };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function whyVoid({ spec }: Exception, documents: Documents): JudgedException["void"] {
  if (spec.approvedBy !== undefined && spec.approvedBy === spec.requestedBy) {
    return { code: "exception-self-approved", reason: `${spec.requestedBy} approved their own request` };
  }
  const forge = documents.settings?.document.spec.forge?.kind ?? "none";
  if (spec.approvedBy === undefined && forge === "none") return { code: "exception-void", reason: "nobody approved it, and there is no forge whose reviews could" };
  const rules = spec.policy === undefined ? undefined : documents.policies.get(spec.policy)?.document.spec.exceptions;
  if (rules?.allowed === false) return { code: "exception-void", reason: `the policy ${spec.policy} allows no exceptions` };
  const longest = rules?.maxDuration ?? POLICY_DEFAULTS.exceptionMaxDuration;
  const seconds = secondsBetween(instantIn(spec.startsAt), instantIn(spec.expiresAt));
  if (seconds > durationSeconds(longest)) return { code: "exception-void", reason: `it runs ${Math.ceil(seconds / 86_400)} days, the most is ${longest}` };
  return undefined;
}

/** The first exception by name that waives findings of this policy or code on this credential now. */
export function waiverOf(
  exceptions: readonly JudgedException[],
  credential: Credential,
  subject: { readonly policy?: string; readonly code?: string },
): string | undefined {
  return exceptions.find(({ source, phase, void: nullity }) => {
    if (phase !== "running" || nullity !== undefined) return false;
    const { spec } = source.document;
    const about = (spec.policy !== undefined && spec.policy === subject.policy) || (spec.finding !== undefined && spec.finding === subject.code);
    return about && covers(spec, credential);
  })?.name;
}

/** A `match` covers only what was registered before the exception began: nobody slips new things under an old waiver. */
function covers(spec: Exception["spec"], credential: Credential): boolean {
  if (spec.credentials?.includes(credential.metadata.name) === true) return true;
  if (spec.match === undefined || !matches(spec.match, credential)) return false;
  return instantIn(credential.spec.createdAt) < instantIn(spec.startsAt);
}
