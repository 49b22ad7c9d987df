import { compareText } from "../evaluate/order.ts";
import type { CheckInput } from "./check-input.ts";

/** How a check or a control stands. Only `pass` is good; that nothing was there to test, or nobody looked, is no pass. */
export const CHECK_STATUSES = [
  "pass",
  "fail",
  "exception",
  "no-population",
  "not-measured",
  "manual",
] as const;
export type CheckStatus = (typeof CHECK_STATUSES)[number];

/** One member of a population. */
export interface Tested {
  /** Unique in the population. */
  readonly id: string;
  /** Why it fails; undefined: it does not. */
  readonly why: string | undefined;
  /** The exception that accepts the failure for now. */
  readonly exception?: string | undefined;
}

/** What lies outside of a population, and why. */
export interface Excluded {
  readonly reason: string;
  readonly ids: readonly string[];
}

/** What a check found, before it is counted. */
export type Measurement =
  | {
      readonly tested: readonly Tested[];
      /** Further members that hold and have no id of their own. */
      readonly holding?: number;
      readonly excluded?: readonly Excluded[];
      /** One sentence or a few: what was looked at. */
      readonly evidence: string;
    }
  | { readonly status: "not-measured" | "manual"; readonly evidence: string };

export interface Failure {
  readonly id: string;
  readonly why: string;
  readonly exception: string | null;
}

/** A check that was carried out. Of one that measured, `denominator - numerator` is the number of failures. */
export interface CheckResult {
  readonly check: string;
  readonly status: CheckStatus;
  /** Those that hold without exceptions (strict). */
  readonly numerator: number | null;
  readonly denominator: number | null;
  /** Those that hold when exceptions count (adjusted). */
  readonly adjusted: number | null;
  /** SHA-256 of the sorted ids of the population, each ended by a newline; null where not every member has an id. */
  readonly populationDigest: string | null;
  /** All that fail, by id, also those that an exception accepts. */
  readonly failing: readonly Failure[];
  readonly excluded: readonly Excluded[];
  readonly evidence: string;
}

/** What the result of a check rests on: a gap in it makes a good result worth nothing. */
export type Source = "documents" | "trail" | "people";

/** A row of the table of checks. */
export interface Check {
  /** `K01`; frameworks name checks by it. */
  readonly id: string;
  readonly name: string;
  readonly title: string;
  /** What is counted, of what. */
  readonly formula: string;
  /** What a good result does not show. */
  readonly not: string;
  readonly source: Source;
  readonly measure: (input: CheckInput) => Measurement;
}

/** Carries a check out. The same facts in any order give the same result. */
export function carryOut(check: Check, input: CheckInput): CheckResult {
  const measurement = check.measure(input);
  if ("status" in measurement) return unmeasured(check, measurement.status, measurement.evidence);
  const { tested, holding = 0, excluded = [], evidence } = measurement;
  const failing = failuresOf(tested);
  const accepted = failing.filter(({ exception }) => exception !== null).length;
  const denominator = tested.length + holding;
  const numerator = denominator - failing.length;
  const status = statusOf(denominator, failing.length, accepted);
  if (input.leftOut > 0 && check.source === "documents" && status !== "fail") {
    const gap = `${input.leftOut} documents or records cannot be read and are left out`;
    const found = `${numerator} of ${denominator} hold of what could be read`;
    return unmeasured(check, "not-measured", `${gap}; ${found}. ${evidence}`);
  }
  return {
    check: check.id,
    status,
    numerator,
    denominator,
    adjusted: numerator + accepted,
    populationDigest: holding > 0 ? null : digestOf(tested, input),
    failing,
    excluded: excluded
      .filter(({ ids }) => ids.length > 0)
      .map(({ reason, ids }) => ({ reason, ids: ids.toSorted(compareText) })),
    evidence,
  };
}

function unmeasured({ id }: Check, status: "not-measured" | "manual", evidence: string): CheckResult {
  const none = { numerator: null, denominator: null, adjusted: null, populationDigest: null };
  return { check: id, status, ...none, failing: [], excluded: [], evidence };
}

function failuresOf(tested: readonly Tested[]): readonly Failure[] {
  return tested
    .flatMap(({ id, why, exception }) =>
      why === undefined ? [] : [{ id, why, exception: exception ?? null }],
    )
    .toSorted((a, b) => compareText(a.id, b.id));
}

function statusOf(population: number, failures: number, accepted: number): CheckStatus {
  if (population === 0) return "no-population";
  if (failures === 0) return "pass";
  return failures === accepted ? "exception" : "fail";
}

function digestOf(tested: readonly Tested[], { sha256 }: CheckInput): string {
  const ids = tested.map(({ id }) => id).toSorted(compareText);
  return sha256(ids.map((id) => `${id}\n`).join(""));
}
