import type { Documents } from "../documents/kinds.ts";
import { POLICY_DEFAULTS } from "../documents/policy.ts";
import type { EvaluatedCredential, EvaluationResult } from "../evaluate/evaluation.ts";
import { type Finding, NEVER_WAIVED } from "../evaluate/finding.ts";
import { compareKeys } from "../evaluate/order.ts";
import { CreError } from "../model/errors.ts";
import { addTo, durationSeconds, type Instant, secondsBetween } from "../model/instant.ts";
import { counted } from "../text/counted.ts";
import { fewestPerWeek, spreadOverWeeks } from "./weeks.ts";

const WEEK = 7 * 86_400;

/** Findings that wait for a person's word, which no exception replaces. */
const NOT_GRANDFATHERED: ReadonlySet<string> = new Set(["target-changed"]);

/** Names of the label values that say that something is in use for real. */
const PRODUCTION = /^prod(uction)?$/i;

export interface BaselineInput {
  readonly documents: Documents;
  /** Judged as if exceptions that nobody approved yet were approved: what they cover is covered. */
  readonly evaluation: EvaluationResult;
  /** First moment of the exceptions; not later than the evaluation. */
  readonly startsAt: Instant;
  readonly until: Instant;
  readonly perWeek?: number;
}

/** One exception to write: what is waived of whom, and when that ends. */
export interface Grandfathered {
  /** Policy whose findings are waived, or the code of a finding that belongs to none. */
  readonly subject: { readonly policy: string } | { readonly finding: string };
  readonly expiresAt: Instant;
  /** In the order in which they are dangerous. */
  readonly credentials: readonly string[];
}

export interface Baseline {
  readonly exceptions: readonly Grandfathered[];
  /** Credentials that end in one week, at most. */
  readonly perWeek: number;
  /** What is not waived, and why. */
  readonly refused: readonly {
    readonly credential: string;
    readonly finding: string;
    readonly reason: string;
  }[];
  /** Policies and codes whose exceptions may not run until the end that was asked for. */
  readonly shortened: readonly {
    readonly subject: string;
    readonly longest: string;
    readonly expiresAt: Instant;
    readonly credentials: number;
  }[];
}

interface Violator {
  readonly evaluated: EvaluatedCredential;
  readonly findings: readonly Finding[];
  readonly lastWeek: number;
  /** The latest end that everything about it allows. */
  readonly latest: Instant;
}

/**
 * Exceptions for the violations of today, with ends that are spread until a date: the most dangerous first. Throws a
 * CreError when so few in a week cannot be done.
 */
export function planBaseline(input: BaselineInput): Baseline {
  const { evaluation, startsAt, until, perWeek } = input;
  const refused: Baseline["refused"][number][] = [];
  const violators: Violator[] = [];
  for (const evaluated of evaluation.credentials.values()) {
    const violations = evaluated.findings.filter(isViolation);
    const waivable = violations.filter((finding) => {
      const reason = whyNot(finding, evaluated, input.documents);
      if (reason !== undefined) refused.push({ credential: evaluated.name, finding: finding.code, reason });
      return reason === undefined;
    });
    if (waivable.length > 0) violators.push(violator(evaluated, waivable, input));
  }
  const weeks = weeksUntil(startsAt, until);
  const sorted = violators.toSorted(byDanger);
  const plan = spreadOverWeeks(sorted, weeks, perWeek);
  const fewest = fewestPerWeek(sorted, weeks);
  if (plan === undefined) throw tooFew(sorted, weeks, perWeek ?? fewest, fewest, until);
  return {
    exceptions: plan.flatMap((week, index) => {
      const end = index === weeks - 1 ? until : addTo(startsAt, (index + 1) * WEEK);
      return exceptionsOf(week, end < until ? end : until);
    }),
    perWeek: perWeek ?? fewest,
    refused,
    shortened: shortenedBy(sorted, input),
  };
}

function isViolation({ level, waivedBy }: Finding): boolean {
  return (level === "critical" || level === "emergency") && waivedBy === null;
}

/** Why an exception would not help; undefined: it would. */
function whyNot({ code, policy }: Finding, credential: EvaluatedCredential, documents: Documents) {
  if (NEVER_WAIVED.has(code)) return "no exception waives this";
  if (NOT_GRANDFATHERED.has(code)) return "another person has to approve the change instead";
  if (credential.compromise !== undefined) return "it is compromised, which no exception waives";
  if (credential.pastEnd) return "it is past its own end, which no exception waives";
  const spec = policy === null ? undefined : documents.policies.get(policy)?.document.spec;
  return spec?.exceptions?.allowed === false ? `the policy ${policy} allows no exceptions` : undefined;
}

function violator(
  evaluated: EvaluatedCredential,
  findings: readonly Finding[],
  { documents, startsAt, until }: BaselineInput,
): Violator {
  const latest = findings
    .map((finding) => addTo(startsAt, durationSeconds(longestFor(finding, documents))))
    .reduce((a, b) => (b < a ? b : a), until);
  return { evaluated, findings, latest, lastWeek: weeksUntil(startsAt, latest) };
}

/** How long an exception from this finding may run. */
function longestFor({ policy }: Finding, { policies }: Documents): string {
  const spec = policy === null ? undefined : policies.get(policy)?.document.spec;
  return spec?.exceptions?.maxDuration ?? POLICY_DEFAULTS.exceptionMaxDuration;
}

function weeksUntil(from: Instant, to: Instant): number {
  return Math.max(1, Math.floor(secondsBetween(from, to) / WEEK));
}

/** Production first, then what is overdue for longest. */
function byDanger({ evaluated: a }: Violator, { evaluated: b }: Violator): number {
  return compareKeys(dangerOf(a), dangerOf(b));
}

function dangerOf({ source, dueAt, name }: EvaluatedCredential): readonly string[] {
  const labels = Object.values(source.document.metadata.labels ?? {});
  return [labels.some((value) => PRODUCTION.test(value)) ? "0" : "1", dueAt ?? "~", name];
}

/** Of one week: one exception for each policy or code and each end. */
function exceptionsOf(week: readonly Violator[], end: Instant): readonly Grandfathered[] {
  const groups = new Map<string, Omit<Grandfathered, "credentials"> & { credentials: string[] }>();
  for (const { evaluated, findings, latest } of week) {
    const expiresAt = latest < end ? latest : end;
    for (const finding of findings) {
      const subject = subjectOf(finding);
      const key = JSON.stringify([subject, expiresAt]);
      const group = groups.get(key) ?? { subject, expiresAt, credentials: [] };
      // Several findings of one code are one exception.
      if (group.credentials.at(-1) !== evaluated.name) group.credentials.push(evaluated.name);
      groups.set(key, group);
    }
  }
  return [...groups].toSorted(([a], [b]) => compareKeys([a], [b])).map(([, group]) => group);
}

/** What is overdue is excepted from its policy, so that no rotation of it starts before its turn. */
function subjectOf({ code, policy }: Finding): Grandfathered["subject"] {
  return code === "rotation-overdue" && policy !== null ? { policy } : { finding: code };
}

function shortenedBy(
  violators: readonly Violator[],
  { documents, startsAt, until }: BaselineInput,
): Baseline["shortened"] {
  const found = new Map<string, { longest: string; expiresAt: Instant; credentials: Set<string> }>();
  for (const { evaluated, findings } of violators) {
    for (const finding of findings) {
      const longest = longestFor(finding, documents);
      const expiresAt = addTo(startsAt, durationSeconds(longest));
      if (expiresAt >= until) continue;
      const subject = finding.policy ?? finding.code;
      const entry = found.get(subject) ?? { longest, expiresAt, credentials: new Set() };
      entry.credentials.add(evaluated.name);
      found.set(subject, entry);
    }
  }
  return [...found]
    .toSorted(([a], [b]) => compareKeys([a], [b]))
    .map(([subject, { longest, expiresAt, credentials }]) => ({
      subject,
      longest,
      expiresAt,
      credentials: credentials.size,
    }));
}

function tooFew(
  violators: readonly Violator[],
  weeks: number,
  perWeek: number,
  fewest: number,
  until: Instant,
): CreError {
  const bound = violators.filter(({ lastWeek }) => lastWeek < weeks).length;
  return new CreError(
    "baseline-too-slow",
    `${violators.length} credentials cannot end until ${until.slice(0, 10)} at ${perWeek} a week.`,
    {
      evidence: `that is ${counted(weeks, "week")}${
        bound === 0 ? "" : `, and policies end ${bound} of them earlier (\`exceptions.maxDuration\`)`
      }`,
      fix: `Give --per-week ${fewest} or more, or a later --until${bound === 0 ? "" : " and policies that allow longer exceptions"}.`,
    },
  );
}
