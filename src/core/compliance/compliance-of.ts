import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import type { CheckInput, PeriodFact, PeriodFacts } from "./check-input.ts";
import type { CheckResult } from "./check-result.ts";
import { carryOutAll } from "./check-table.ts";
import { type ControlResult, controlResults } from "./control-results.ts";
import { type Framework, isInScope } from "./framework.ts";

/** A framework's results, with the checks that they rest on. */
export interface FrameworkResult {
  readonly framework: Framework;
  /** Credentials in its scope, retired ones included. */
  readonly credentials: number;
  /** Carried out on its scope. */
  readonly checks: readonly CheckResult[];
  readonly controls: readonly ControlResult[];
}

export interface Compliance {
  /** Carried out on the whole registry. */
  readonly checks: readonly CheckResult[];
  readonly frameworks: readonly FrameworkResult[];
}

/** All checks on the whole registry, and the controls of each framework by the checks on its scope. Pure. */
export function complianceOf(input: CheckInput, frameworks: readonly Framework[]): Compliance {
  const everywhere = carryOutAll(input);
  return {
    checks: everywhere,
    frameworks: frameworks.map((framework) => {
      const scoped = framework.spec.scope === undefined ? undefined : withinScope(input, framework);
      const checks = scoped === undefined ? everywhere : carryOutAll(scoped);
      return {
        framework,
        credentials: (scoped ?? input).evaluation.credentials.size,
        checks,
        controls: controlResults(framework, checks),
      };
    }),
  };
}

/** The same facts, without the credentials that a framework is not about. What is about the whole repository stays. */
function withinScope(input: CheckInput, framework: Framework): CheckInput {
  const all = input.evaluation.credentials;
  const credentials = new Map<string, EvaluatedCredential>();
  for (const [name, credential] of all) {
    if (isInScope(framework, credential)) credentials.set(name, credential);
  }
  const { period, discovery } = input;
  // What is not registered has no labels, so it may belong to any scope.
  const seen = discovery && {
    ...discovery,
    matched: discovery.matched.filter((name) => credentials.has(name)),
  };
  return {
    ...input,
    evaluation: { ...input.evaluation, credentials },
    ...(period === undefined
      ? {}
      : { period: periodWithin(period, (name) => credentials.has(name) || !all.has(name)) }),
    ...(seen === undefined ? {} : { discovery: seen }),
  };
}

/** What is no longer registered stays: nothing says that it was outside. */
function periodWithin(period: PeriodFacts, isMeant: (credential: string) => boolean): PeriodFacts {
  const within = <Facts>(facts: readonly PeriodFact<Facts>[]) =>
    facts.filter(({ credential }) => isMeant(credential));
  return {
    ...period,
    dueDates: within(period.dueDates),
    rotations: within(period.rotations),
    compromises: within(period.compromises),
    renewals: within(period.renewals),
  };
}
