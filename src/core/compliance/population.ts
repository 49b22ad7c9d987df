import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import type { JudgedException } from "../evaluate/exceptions.ts";
import type { CheckInput } from "./check-input.ts";
import type { Excluded, Measurement, Tested } from "./check-result.ts";

/** Whether a credential belongs to a population: a test, or why it lies outside. */
export type Sorting =
  | { readonly why: string | undefined; readonly exception?: string | undefined }
  | { readonly outside: string };

/** A test that holds. */
export const HOLDS: Sorting = { why: undefined };

/** The credentials in scope that are not retired: what a check at one instant is about. */
export function activeCredentials({ evaluation }: CheckInput): readonly EvaluatedCredential[] {
  return [...evaluation.credentials.values()].filter(({ state }) => state !== "retired");
}

/** Tests each credential that is not retired. */
export function testCredentials(
  input: CheckInput,
  evidence: string,
  sort: (credential: EvaluatedCredential) => Sorting,
): Measurement {
  const tested: Tested[] = [];
  const outside = new Map<string, string[]>();
  for (const credential of activeCredentials(input)) {
    const sorting = sort(credential);
    if (!("outside" in sorting)) {
      tested.push({ id: credential.name, ...sorting });
      continue;
    }
    const ids = outside.get(sorting.outside) ?? [];
    outside.set(sorting.outside, ids);
    ids.push(credential.name);
  }
  return { tested, excluded: excludedOf(outside), evidence };
}

function excludedOf(outside: ReadonlyMap<string, readonly string[]>): readonly Excluded[] {
  return [...outside]
    .map(([reason, ids]) => ({ reason, ids }))
    .toSorted((a, b) => (a.reason < b.reason ? -1 : 1));
}

/** The exceptions about credentials in scope, each once. */
export function exceptionsInScope({ evaluation }: CheckInput): readonly JudgedException[] {
  const found = new Map<string, JudgedException>();
  for (const { exceptions } of evaluation.credentials.values()) {
    for (const exception of exceptions) found.set(exception.name, exception);
  }
  return [...found.values()];
}

/** A check whose facts nobody collects yet, or not for this moment. */
export function notMeasured(evidence: string): Measurement {
  return { status: "not-measured", evidence };
}
