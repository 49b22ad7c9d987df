import type { Credential } from "../documents/credential.ts";
import type { Sourced } from "../documents/kinds.ts";
import type { Policy } from "../documents/policy.ts";
import type { Instant } from "../model/instant.ts";
import { burningCompromise } from "./compromise.ts";
import { type CredentialFacts, factsOf, instantIn } from "./credential-facts.ts";
import { credentialFindings } from "./credential-findings.ts";
import { dueDateOf } from "./due-date.ts";
import { mergePolicies } from "./effective-policy.ts";
import type { CredentialState, EvaluatedCredential, EvaluationInput, Obligation } from "./evaluation.ts";
import { type JudgedException, waiverOf } from "./exceptions.ts";
import { LEVELS, type Finding, type Level } from "./finding.ts";
import { matches } from "./match.ts";

/** One credential at one instant. */
export function evaluateCredential(
  source: Sourced<Credential>,
  input: EvaluationInput,
  exceptions: readonly JudgedException[],
): EvaluatedCredential {
  const { state, now } = input;
  const { document } = source;
  const name = document.metadata.name;
  const status = state.statuses.get(name);
  const facts = factsOf(document, status, now);
  const policies = matchingPolicies(document, input);
  const obligations = policies.map((policy) => obligationOf(policy, document, facts, exceptions));
  const strictest = strictestOf(obligations);
  const compromise = burningCompromise(document, facts, state);
  const pastEnd = facts.endsAt !== undefined && facts.endsAt <= now;
  const ordered = policies.toSorted((a, b) => compareDue(obligationNamed(obligations, a), obligationNamed(obligations, b)));
  const merged = mergePolicies(ordered, document.spec);
  const credentialState = stateOf(document, facts, { compromised: compromise !== undefined, dueAt: strictest?.dueAt, startAt: strictest?.startAt, pastEnd }, now);
  const retired = credentialState === "retired";
  const findings = credentialFindings({ source, status, facts, obligations, compromise, pastEnd, retired, exceptions, input });
  const due = startOf(obligations, now, retired);
  const matched = policies.length > 0;
  const strict = matched && (credentialState === "active" || credentialState === "stale");
  return {
    name,
    source,
    state: credentialState,
    level: highest(findings),
    dueAt: retired ? undefined : strictest?.dueAt,
    policy: strictest?.policy ?? ordered[0]?.metadata.name,
    exception: strictest?.exception,
    obligations,
    effective: merged.effective,
    effectiveSources: merged.sources,
    last: facts.last,
    lastSource: facts.lastSource,
    pastEnd,
    compromise,
    rotationDue: due.due,
    startExcepted: due.excepted,
    compliantStrict: strict,
    compliantAdjusted: strict || (matched && credentialState === "expired" && !pastEnd && allCriticalWaived(findings)),
    findings,
  };
}

function matchingPolicies(credential: Credential, { documents }: EvaluationInput): readonly Policy[] {
  return [...documents.policies.values()]
    .map(({ document }) => document)
    .filter(({ spec }) => matches(spec.match, credential))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

function obligationOf(policy: Policy, credential: Credential, facts: CredentialFacts, exceptions: readonly JudgedException[]): Obligation {
  const { name } = policy.metadata;
  const due = dueDateOf(policy.spec, facts);
  return {
    policy: name,
    enforcement: policy.spec.enforcement ?? "report",
    dueAt: due?.dueAt,
    startAt: due?.startAt,
    arithmetic: due?.arithmetic ?? "this policy gives it no date",
    exception: waiverOf(exceptions, credential, { policy: name }),
  };
}

/** Earliest due, ties by name; without dates there is none. */
function strictestOf(obligations: readonly Obligation[]): Obligation | undefined {
  return obligations.filter(({ dueAt }) => dueAt !== undefined).toSorted(compareDue)[0];
}

/** Those without a date come last. */
function compareDue(a: Obligation, b: Obligation): number {
  const [x, y] = [`${a.dueAt ?? "~"}\0${a.policy}`, `${b.dueAt ?? "~"}\0${b.policy}`];
  return x < y ? -1 : x > y ? 1 : 0;
}

function obligationNamed(obligations: readonly Obligation[], policy: Policy): Obligation {
  const found = obligations.find((obligation) => obligation.policy === policy.metadata.name);
  if (found === undefined) throw new Error("every matching policy has an obligation");
  return found;
}

interface Marks {
  readonly compromised: boolean;
  readonly pastEnd: boolean;
  readonly dueAt: Instant | undefined;
  readonly startAt: Instant | undefined;
}

/** Precedence: compromised, retired, expired, stale, active. */
function stateOf({ spec }: Credential, facts: CredentialFacts, { compromised, pastEnd, dueAt, startAt }: Marks, now: Instant): CredentialState {
  if (compromised) return "compromised";
  if (spec.retiredAt !== undefined && instantIn(spec.retiredAt) <= now && facts.live.length === 0) return "retired";
  if (pastEnd || (dueAt !== undefined && dueAt <= now)) return "expired";
  return startAt !== undefined && startAt <= now ? "stale" : "active";
}

/** Whether some `rotate` policy makes it due now, and whether an exception covers every one that does. */
function startOf(
  obligations: readonly Obligation[],
  now: Instant,
  retired: boolean,
): { readonly due: EvaluatedCredential["rotationDue"]; readonly excepted: string | undefined } {
  const due = obligations.filter(({ enforcement, startAt }) => enforcement === "rotate" && startAt !== undefined && startAt <= now);
  const first = strictestOf(due);
  if (retired || first?.dueAt === undefined) return { due: undefined, excepted: undefined };
  if (due.every(({ exception }) => exception !== undefined)) return { due: undefined, excepted: due[0]?.exception };
  return { due: { policy: first.policy, dueAt: first.dueAt }, excepted: undefined };
}

function highest(findings: readonly Finding[]): Level {
  let level = 0;
  for (const finding of findings) if (finding.waivedBy === null && counts(finding)) level = Math.max(level, LEVELS.indexOf(finding.level));
  return LEVELS[level] ?? "none";
}

/** `access-undeclared` and `backdated` name a credential but are findings of the repository. */
function counts({ code }: Finding): boolean {
  return code !== "access-undeclared" && code !== "backdated";
}

function allCriticalWaived(findings: readonly Finding[]): boolean {
  return findings.every(({ level, waivedBy }) => (level !== "critical" && level !== "emergency") || waivedBy !== null);
}

