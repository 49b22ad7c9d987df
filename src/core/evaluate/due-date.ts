import { POLICY_DEFAULTS, type PolicySpec } from "../documents/policy.ts";
import { addTo, durationSeconds, type Instant, secondsBetween } from "../model/instant.ts";
import type { CredentialFacts } from "./credential-facts.ts";

/** When one policy wants a credential renewed. */
export interface DueDate {
  readonly dueAt: Instant;
  /** First instant at which it is stale: the effective `warnBefore` ahead of `dueAt`. */
  readonly startAt: Instant;
  /** The sum, for people. */
  readonly arithmetic: string;
}

const SHORT_LIFETIME = 10 * 86_400;

/** The earlier of what `rotateWithin` and `renew` say; undefined when the policy gives this credential no date. */
export function dueDateOf(spec: PolicySpec, facts: CredentialFacts): DueDate | undefined {
  const dates = [byAge(spec, facts), byEnd(spec, facts)].filter((date) => date !== undefined);
  const due = dates.sort((a, b) => (a.dueAt < b.dueAt ? -1 : 1))[0];
  if (due === undefined) return undefined;
  const warn = Math.min(durationSeconds(spec.warnBefore ?? POLICY_DEFAULTS.warnBefore), Math.max(0, Math.floor(secondsBetween(facts.last, due.dueAt) / 2)));
  return { ...due, startAt: addTo(due.dueAt, -warn) };
}

function byAge(spec: PolicySpec, { last, lastSource }: CredentialFacts): Omit<DueDate, "startAt"> | undefined {
  if (spec.rotateWithin === undefined) return undefined;
  const dueAt = addTo(last, durationSeconds(spec.rotateWithin));
  return { dueAt, arithmetic: `${last} (${lastSource}) + rotateWithin ${spec.rotateWithin} = ${dueAt}` };
}

function byEnd(spec: PolicySpec, { last, endsAt }: CredentialFacts): Omit<DueDate, "startAt"> | undefined {
  const { renew } = spec;
  if (renew === undefined || endsAt === undefined) return undefined;
  const lifetime = Math.max(0, secondsBetween(last, endsAt));
  const fraction = lifetime < SHORT_LIFETIME ? "1/2" : renew.fractionOfLifetime;
  const spans: { readonly seconds: number; readonly text: string }[] = [];
  if (renew.beforeExpiry !== undefined) spans.push({ seconds: durationSeconds(renew.beforeExpiry), text: `beforeExpiry ${renew.beforeExpiry}` });
  if (fraction !== undefined) spans.push({ seconds: partOf(lifetime, fraction), text: `${fraction} of the lifetime since ${last}` });
  const span = spans.sort((a, b) => a.seconds - b.seconds)[0];
  if (span === undefined) return undefined;
  const dueAt = addTo(endsAt, -span.seconds);
  return { dueAt, arithmetic: `${endsAt} (its own end) - ${span.text} = ${dueAt}` };
}

function partOf(seconds: number, fraction: string): number {
  const [part = 1, whole = 1] = fraction.split("/").map(Number);
  return Math.floor((seconds * part) / whole);
}
