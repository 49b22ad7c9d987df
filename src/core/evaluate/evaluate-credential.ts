import type { Credential } from "../documents/credential.ts";
import type { Sourced } from "../documents/kinds.ts";
import type { Circumstances } from "./circumstances.ts";
import { burningCompromise } from "./compromise.ts";
import { factsOf } from "./credential-facts.ts";
import { complianceOf, levelOf, reached, stateOf } from "./credential-state.ts";
import { mergePolicies } from "./effective-policy.ts";
import type { EvaluatedCredential, Obligation } from "./evaluation.ts";
import type { Finding } from "./finding.ts";
import { credentialFindings } from "./findings/credential-findings.ts";
import { byStrictness, dutiesOf, startOf } from "./obligations.ts";

/** One credential at one instant. */
export function evaluateCredential(
  source: Sourced<Credential>,
  circumstances: Circumstances,
): EvaluatedCredential {
  const { state, now } = circumstances.input;
  const { document } = source;
  const { name } = document.metadata;
  const status = state.statuses.get(name);
  const facts = factsOf(document, status, now);
  const exceptions = circumstances.exceptionsAbout(document);
  const duties = dutiesOf(document, facts, exceptions, circumstances);
  const strictestFirst = duties.toSorted((a, b) => byStrictness(a.obligation, b.obligation));
  const [strictest] = strictestFirst.map(({ obligation }) => obligation);
  const obligations = duties.map(({ obligation }) => obligation);
  const merged = mergePolicies(
    strictestFirst.map(({ policy }) => policy),
    document.spec,
  );
  const compromise = burningCompromise(document, facts, state);
  const isPastEnd = reached(facts.end?.at, now);
  const standing = { compromised: compromise !== undefined, strictest, pastEnd: isPastEnd };
  const credentialState = stateOf(document, facts, standing, now);
  const retired = credentialState === "retired";
  const change = circumstances.changeOf(document);
  const findings = credentialFindings({
    source,
    status,
    facts,
    duties,
    compromise,
    pastEnd: isPastEnd,
    retired,
    change,
    exceptions,
    circumstances,
  });
  const start = retired ? { due: undefined, excepted: undefined } : startOf(obligations, now);
  const compliance = complianceOf(credentialState, duties.length > 0, findings);
  return {
    name,
    source,
    state: credentialState,
    level: levelOf(findings),
    dueAt: retired ? undefined : strictest?.dueAt,
    policy: strictest?.policy,
    exception: waiverOfStrictest(strictest, findings),
    obligations,
    effective: merged.effective,
    effectiveSources: merged.sources,
    last: facts.last,
    lastSource: facts.lastSource,
    endsAt: facts.end?.at,
    endSource: facts.end?.source,
    live: facts.live,
    pastEnd: isPastEnd,
    compromise,
    rotationDue: start.due,
    startExcepted: start.excepted,
    compliantStrict: compliance.strict,
    compliantAdjusted: compliance.adjusted,
    change,
    exceptions,
    findings,
  };
}

/** What waives its finding; while it has none, the exception that would. */
function waiverOfStrictest(
  strictest: Obligation | undefined,
  findings: readonly Finding[],
): string | undefined {
  if (strictest === undefined) return undefined;
  const due = findings.find(
    ({ code, policy }) =>
      (code === "rotation-due" || code === "rotation-overdue") && policy === strictest.policy,
  );
  return due?.waivedBy ?? strictest.exception;
}
