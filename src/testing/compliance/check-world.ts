import type { CheckInput, PeriodFacts } from "../../core/compliance/check-input.ts";
import { type CheckResult, carryOut } from "../../core/compliance/check-result.ts";
import { CHECKS } from "../../core/compliance/check-table.ts";
import type { Sourced } from "../../core/documents/kinds.ts";
import { evaluate } from "../../core/evaluate/evaluate.ts";
import {
  at,
  credential,
  documents,
  exception,
  policy,
  type Records,
  records,
  sha256,
} from "../evaluation/world.ts";

/** The day of the tests, a key of two weeks and one of ten, a policy that only the first keeps, and its exception. */
export const NOW = "2026-03-15";
export const fresh = credential("fresh", { rotatedAt: "2026-03-01" });
export const old = credential("old");
export const keys = policy("keys", { rotateWithin: "30d" });
export const waiver = exception("freeze", { credentials: ["old"], policy: "keys" });

/** A case of a check: what is given, and the result in short. */
export interface Row {
  readonly id: string;
  readonly when: string;
  readonly given: readonly [all: readonly Sourced[], state?: Records, more?: Partial<CheckInput>];
  readonly gives: string;
}

/** January 2026, in which nothing happened. */
export const NO_PERIOD: PeriodFacts = {
  from: at("2026-01-01"),
  to: at("2026-02-01"),
  dueDates: [],
  rotations: [],
  compromises: [],
  renewals: [],
  changes: [],
};

export function inPeriod(facts: Partial<PeriodFacts>): Row["given"] {
  return [[], {}, { period: { ...NO_PERIOD, ...facts } }];
}

/** The result of a row in short. */
export function resultOf({ id, given: [all, state, more] }: Row): string {
  return inShort(check(id, inputOn(NOW, all, state, more)));
}

/** What checks look at, for these documents and records on a day. */
export function inputOn(
  now: string,
  all: readonly Sourced[],
  state: Records = {},
  more: Partial<CheckInput> = {},
): CheckInput {
  const read = documents(...all);
  const recorded = records(state);
  const evaluation = evaluate({ documents: read, state: recorded, now: at(now), commit: undefined, sha256 });
  return { documents: read, evaluation, state: recorded, sha256, leftOut: 0, ...more };
}

/** One check by its id. */
export function check(id: string, input: CheckInput): CheckResult {
  const found = CHECKS.find((check) => check.id === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  return carryOut(found, input);
}

/** `status numerator/denominator adjusted: failing ids`. */
function inShort({ status, numerator, denominator, adjusted, failing }: CheckResult): string {
  const counts = numerator === null ? "" : ` ${numerator}/${denominator} ${adjusted}`;
  return `${status}${counts}${failing.map(({ id }) => ` ${id}`).join("")}`;
}
