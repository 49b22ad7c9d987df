import { compareText } from "../evaluate/order.ts";
import type { CheckResult, CheckStatus } from "./check-result.ts";
import type { Framework, FrameworkControl } from "./framework.ts";

/** How a control stands by its checks. It says what the evidence supports; whether a control is met, a person judges. */
export interface ControlResult {
  readonly id: string;
  readonly title: string;
  readonly fit: FrameworkControl["fit"];
  readonly status: CheckStatus;
  readonly checks: readonly { readonly check: string; readonly status: CheckStatus }[];
  /** Of all its checks, each once, sorted; also those that exceptions accept. */
  readonly failing: readonly string[];
  readonly not: string;
  readonly appliesWhen: string | null;
}

/** Worst first: what a control's status is when any of its checks has it. */
const WORST_FIRST: readonly CheckStatus[] = ["fail", "not-measured", "manual", "exception", "pass"];

/** The results of a framework's controls, in its order. `checks` were carried out on the credentials of its scope. */
export function controlResults(
  framework: Framework,
  checks: readonly CheckResult[],
): readonly ControlResult[] {
  const byId = new Map(checks.map((result) => [result.check, result]));
  return framework.spec.controls.map((control) => {
    const own = control.checks.flatMap((id) => byId.get(id) ?? []);
    const failing = new Set(own.flatMap((result) => result.failing.map(({ id }) => id)));
    return {
      id: control.id,
      title: control.title,
      fit: control.fit,
      status: joined(control, own),
      checks: own.map(({ check, status }) => ({ check, status })),
      failing: [...failing].toSorted(compareText),
      not: control.not,
      appliesWhen: control.appliesWhen ?? null,
    };
  });
}

/**
 * A control that only takes the checks as context, that applies on a condition, or that has no checks is for a person. Else
 * any check that fails makes it fail; else one that is not measured, or for a person, leaves it there, since a part of the
 * evidence is missing; else one with exceptions makes it an exception. It passes when at least one check passes and those
 * that do not had nothing to test. With nothing to test at all it has no population.
 */
function joined(control: FrameworkControl, checks: readonly CheckResult[]): CheckStatus {
  if (control.fit === "context" || control.appliesWhen !== undefined || checks.length === 0) return "manual";
  const found = new Set(checks.map(({ status }) => status));
  return WORST_FIRST.find((status) => found.has(status)) ?? "no-population";
}
