import type { Credential } from "../documents/credential.ts";
import type { Documents, Sourced } from "../documents/kinds.ts";
import { POLICY_DEFAULTS, type PolicySpec } from "../documents/policy.ts";
import type { Exception } from "../documents/waiver.ts";
import { durationSeconds, type Instant, secondsBetween } from "../model/instant.ts";
import { isSameLogin } from "../model/login.ts";
import type { Sha256 } from "../ports/runtime.ts";
import { verdictOn } from "../reviews/exception-reviews.ts";
import { reviewsCount } from "../reviews/guard.ts";
import { withSettingsInForce } from "../reviews/settings-in-force.ts";
import type { ReviewBook, ReviewFact } from "../state/review-book.ts";
import { instantIn } from "./credential-facts.ts";
import { matches } from "./match.ts";
import { compareText } from "./order.ts";

/** An exception with what this instant and its policy make of it. */
export interface JudgedException {
  readonly name: string;
  readonly source: Sourced<Exception>;
  readonly startsAt: Instant;
  /** Exclusive. */
  readonly expiresAt: Instant;
  readonly phase: "future" | "running" | "expired";
  /** Why it does not count; undefined: it counts. */
  readonly void: Nullity | undefined;
  /** What the forge said of its approval; undefined: nothing is on record, or there is no forge. */
  readonly review: ReviewFact | undefined;
}

export interface Nullity {
  readonly code: "exception-void" | "exception-self-approved";
  readonly reason: string;
  /** What helps: a correction, the next run, an approval of the change at `url`, or a document written anew. */
  readonly remedy: "correct" | "wait" | "approve" | "renew";
  readonly url?: string;
}

/** What is on record about approvals. */
export interface Reviews {
  readonly book: ReviewBook | undefined;
  readonly sha256: Sha256;
}

type ExceptionSpec = Exception["spec"];

/** Codes whose findings each belong to a policy. */
const CODES_OF_POLICIES: ReadonlySet<string> = new Set([
  "rotation-due",
  "rotation-overdue",
  "no-due-date",
  "required-field",
]);

/**
 * All exceptions, judged at this instant. Where a forge has reviews, one counts only if another person approved exactly
 * this document; without `reviews` that is taken for granted.
 */
export function judgeExceptions(
  present: Documents,
  now: Instant,
  reviews?: Reviews,
): readonly JudgedException[] {
  const documents = withSettingsInForce(present, reviews?.book, now);
  const asked = reviewsCount(documents.settings?.document.spec) ? reviews : undefined;
  return [...documents.exceptions.values()].map((source) => {
    const { spec, metadata } = source.document;
    const [startsAt, expiresAt] = [instantIn(spec.startsAt), instantIn(spec.expiresAt)];
    const phase = now < startsAt ? "future" : now < expiresAt ? "running" : "expired";
    const review = asked === undefined ? undefined : verdictOn(source.document, asked.book, asked.sha256);
    const byItself = whyVoid(spec, documents);
    const nullity = byItself ?? (asked === undefined ? undefined : whyNotApproved(review));
    return { name: metadata.name, source, startsAt, expiresAt, phase, void: nullity, review };
  });
}

function whyVoid(spec: ExceptionSpec, documents: Documents): Nullity | undefined {
  const { approvedBy, requestedBy, policy } = spec;
  if (approvedBy !== undefined && isSameLogin(approvedBy, requestedBy)) {
    const reason = `${requestedBy} approved their own request`;
    return { code: "exception-self-approved", reason, remedy: "correct" };
  }
  if (approvedBy === undefined && !reviewsCount(documents.settings?.document.spec)) {
    const reason = "nobody approved it, and there is no forge whose reviews could tell";
    return { code: "exception-void", reason, remedy: "correct" };
  }
  const reason =
    policy === undefined
      ? tooLong(spec)
      : refusalOf(policy, documents.policies.get(policy)?.document.spec, spec);
  return reason === undefined ? undefined : { code: "exception-void", reason, remedy: "correct" };
}

function whyNotApproved(review: ReviewFact | undefined): Nullity | undefined {
  if (review === undefined) {
    const reason = "no run has yet been told by the forge who approved it";
    return { code: "exception-void", reason, remedy: "wait" };
  }
  const { verdict, reason, settled, change } = review;
  if (verdict === "approved") return undefined;
  return {
    code: verdict === "self-approved" ? "exception-self-approved" : "exception-void",
    reason,
    remedy: settled ? "renew" : "approve",
    ...(change === undefined ? {} : { url: change.url }),
  };
}

/** A code whose findings belong to policies is judged by each of them; for the others the default is the most. */
function tooLong(spec: ExceptionSpec): string | undefined {
  if (spec.finding !== undefined && CODES_OF_POLICIES.has(spec.finding)) return undefined;
  const longest = POLICY_DEFAULTS.exceptionMaxDuration;
  if (secondsOf(spec) <= durationSeconds(longest)) return undefined;
  return `it runs ${daysOf(spec)} days, at most ${longest} are allowed`;
}

/** Why the policy does not admit this exception; undefined: it does. */
function refusalOf(name: string, policy: PolicySpec | undefined, spec: ExceptionSpec): string | undefined {
  if (policy?.exceptions?.allowed === false) return `the policy ${name} allows no exceptions`;
  const longest = policy?.exceptions?.maxDuration ?? POLICY_DEFAULTS.exceptionMaxDuration;
  if (secondsOf(spec) <= durationSeconds(longest)) return undefined;
  return `it runs ${daysOf(spec)} days, the policy ${name} allows at most ${longest}`;
}

function secondsOf({ startsAt, expiresAt }: ExceptionSpec): number {
  return secondsBetween(instantIn(startsAt), instantIn(expiresAt));
}

function daysOf(spec: ExceptionSpec): number {
  return Math.ceil(secondsOf(spec) / 86_400);
}

/** The exceptions that are about a credential, whether they count or not, by name. */
export type ExceptionIndex = (credential: Credential) => readonly JudgedException[];

export function indexExceptions(judged: readonly JudgedException[]): ExceptionIndex {
  const byName = new Map<string, JudgedException[]>();
  const byMatch = judged.filter(({ source }) => source.document.spec.match !== undefined);
  for (const exception of judged) {
    for (const name of exception.source.document.spec.credentials ?? []) {
      byName.set(name, [...(byName.get(name) ?? []), exception]);
    }
  }
  return (credential) => {
    const named = byName.get(credential.metadata.name) ?? [];
    const matched = byMatch.filter((exception) => coversByMatch(exception, credential));
    return [...new Set([...named, ...matched])].toSorted((a, b) => compareText(a.name, b.name));
  };
}

/** A `match` covers only what was registered before the exception began: nothing new slips under an old waiver. */
function coversByMatch({ source, startsAt }: JudgedException, credential: Credential): boolean {
  const { match } = source.document.spec;
  // What names sightings is about nothing that is registered.
  if (match === undefined || match.sightings !== undefined || !matches(match, credential)) return false;
  return instantIn(credential.spec.createdAt) < startsAt;
}

/** What findings an exception is asked about. */
export interface Subject {
  readonly code?: string;
  readonly policy?: string;
}

export interface Waiver {
  /** The first exception by name that waives it now. */
  readonly by: string | undefined;
  /** Exceptions of the finding's code that its policy does not admit. */
  readonly refused: readonly { readonly exception: JudgedException; readonly reason: string }[];
}

/**
 * Whether one of the exceptions about a credential waives the findings of a policy or a code. One for a code still
 * needs the leave of the policy whose finding it would waive: it is no way around `exceptions.allowed`.
 */
export function waiverOf(about: readonly JudgedException[], subject: Subject, documents: Documents): Waiver {
  const refused: { exception: JudgedException; reason: string }[] = [];
  let by: string | undefined;
  for (const exception of about) {
    if (exception.phase !== "running" || exception.void !== undefined) continue;
    const { policy, finding } = exception.source.document.spec;
    if (policy === undefined && finding === undefined) continue;
    if ((policy ?? subject.policy) !== subject.policy || (finding ?? subject.code) !== subject.code) continue;
    const reason = policy === undefined ? refusalBy(subject.policy, exception, documents) : undefined;
    if (reason === undefined) by ??= exception.name;
    else refused.push({ exception, reason });
  }
  return { by, refused };
}

function refusalBy(
  policy: string | undefined,
  { source }: JudgedException,
  { policies }: Documents,
): string | undefined {
  if (policy === undefined) return undefined;
  return refusalOf(policy, policies.get(policy)?.document.spec, source.document.spec);
}
