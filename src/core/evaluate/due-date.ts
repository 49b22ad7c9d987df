import { POLICY_DEFAULTS, type PolicySpec } from "../documents/policy.ts";
import { addTo, durationSeconds, type Instant, later, secondsBetween } from "../model/instant.ts";
import type { CredentialFacts } from "./credential-facts.ts";

/** When one policy wants a credential renewed. */
export interface DueDate {
  readonly dueAt: Instant;
  /** First instant at which it is stale: the effective `warnBefore` ahead of `dueAt`. */
  readonly startAt: Instant;
  /** The sum, for people. */
  readonly arithmetic: string;
}

interface Term {
  readonly dueAt: Instant;
  readonly text: string;
  /** What the date is counted for began then; absent: `last` of the facts. */
  readonly since?: Instant;
  /** Where the provider says when to start, `warnBefore` has no say. */
  readonly startAt?: Instant;
}

interface Span {
  readonly seconds: number;
  readonly text: string;
}

const SHORT_LIFETIME = 10 * 86_400;
const SHORT_FRACTION = "1/2";

/** The earlier of what `rotateWithin` and `renew` say; undefined when the policy gives this credential no date. */
export function dueDateOf(spec: PolicySpec, facts: CredentialFacts): DueDate | undefined {
  const [age, end] = [byAge(spec, facts), byEnd(spec, facts)];
  const due = age !== undefined && end !== undefined && end.dueAt < age.dueAt ? end : (age ?? end);
  if (due === undefined) return undefined;
  const both =
    age !== undefined && end !== undefined ? `${age.text}; ${end.text}; the earlier counts` : due.text;
  if (due.startAt !== undefined) {
    return { dueAt: due.dueAt, startAt: due.startAt, arithmetic: `${both}; stale from ${due.startAt}` };
  }
  const warnBefore = spec.warnBefore ?? POLICY_DEFAULTS.warnBefore;
  // A certificate that was issued again may begin long before there was this version of it.
  const since = later(facts.last, due.since);
  const half = Math.max(0, Math.floor(secondsBetween(since, due.dueAt) / 2));
  const isHalf = half < durationSeconds(warnBefore);
  const startAt = addTo(due.dueAt, isHalf ? -half : -durationSeconds(warnBefore));
  const warning = isHalf
    ? `half of the time (less than warnBefore ${warnBefore})`
    : `warnBefore ${warnBefore}`;
  return { dueAt: due.dueAt, startAt, arithmetic: `${both}; stale ${warning} before` };
}

function byAge({ rotateWithin }: PolicySpec, { last, lastSource }: CredentialFacts): Term | undefined {
  if (rotateWithin === undefined) return undefined;
  const dueAt = addTo(last, durationSeconds(rotateWithin));
  return { dueAt, text: `${last} (${lastSource}) + rotateWithin ${rotateWithin} = ${dueAt}` };
}

function byEnd({ renew }: PolicySpec, { end }: CredentialFacts): Term | undefined {
  if (renew === undefined || end === undefined) return undefined;
  if (renew.ari === true && end.renewal !== undefined && isSensible(end.renewal, end.at)) {
    const { start, end: dueAt } = end.renewal;
    // A window that is past means now: a CA asks so for what it is about to revoke.
    return {
      dueAt,
      startAt: start,
      since: end.since,
      text: `the CA's renewal window ${start} to ${dueAt} (ARI)`,
    };
  }
  const lifetime = Math.max(0, secondsBetween(end.since, end.at));
  const span = shortest(spansBeforeEnd(renew, lifetime));
  if (span === undefined) return undefined;
  const dueAt = addTo(end.at, -span.seconds);
  return { dueAt, since: end.since, text: `${end.at} (${end.source}) - ${span.text} = ${dueAt}` };
}

/** A window that ends before it starts, or after what it is about, is a mistake of the CA (RFC 9773, section 4.2). */
function isSensible(window: { readonly start: Instant; readonly end: Instant }, notAfter: Instant): boolean {
  return window.start < window.end && window.end <= notAfter;
}

/**
 * min(beforeExpiry, lifetime × fraction), the fraction being 1/2 for short lifetimes. A `beforeExpiry` as long as the
 * whole lifetime would make each new version due before it exists, one rotation after the other: there 1/2 holds, too.
 */
function spansBeforeEnd(renew: NonNullable<PolicySpec["renew"]>, lifetime: number): readonly Span[] {
  const before = renew.beforeExpiry === undefined ? undefined : durationSeconds(renew.beforeExpiry);
  const tooLong = renew.fractionOfLifetime === undefined && before !== undefined && before >= lifetime;
  const fraction = lifetime < SHORT_LIFETIME || tooLong ? SHORT_FRACTION : renew.fractionOfLifetime;
  const spans: Span[] = [];
  if (before !== undefined) spans.push({ seconds: before, text: `beforeExpiry ${renew.beforeExpiry}` });
  if (fraction !== undefined) {
    spans.push({
      seconds: partOf(lifetime, fraction),
      text: `${fraction} of its lifetime of ${daysIn(lifetime)}`,
    });
  }
  return spans;
}

function shortest([first, ...rest]: readonly Span[]): Span | undefined {
  if (first === undefined) return undefined;
  return rest.reduce((a, b) => (b.seconds < a.seconds ? b : a), first);
}

/** Exact for lifetimes of any length: the product is below 2^53. */
function partOf(seconds: number, fraction: string): number {
  const [part = 1, whole = 1] = fraction.split("/").map(Number);
  return Math.floor((seconds * part) / whole);
}

function daysIn(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  return days > 0 ? `${days}d` : `${seconds}s`;
}
