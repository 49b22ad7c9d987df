import { EffectError } from "../model/errors.ts";
import type { Mark } from "../ports/rotator.ts";

/** Do both name the same issued secret? The epoch only says who acted last. */
export function sameVersion(a: Mark | undefined, b: Mark | undefined): boolean {
  return a !== undefined && b !== undefined && a.rotation === b.rotation && a.attempt === b.attempt;
}

/** Our mark of a version that somebody else put there, or the lack of the one that we expected. Needs a person. */
export function foreignMark(
  what: string,
  found: Mark | undefined,
  expected: Mark | undefined,
  fix: string,
): EffectError {
  return new EffectError("refused", "foreign-mark", `${what} does not carry the mark that the record has`, {
    evidence: `found ${described(found)}, expected ${described(expected)}`,
    fix,
    retryable: false,
  });
}

/** Refuses a run whose lease was taken over: the newer holder has acted on this already. */
export function refuseStale(what: string, present: Mark | undefined, epoch: number): void {
  if (present === undefined || present.epoch <= epoch) return;
  throw new EffectError("refused", "fenced", `a newer run has acted on ${what}`, {
    evidence: `its mark has the epoch ${present.epoch}, this run has ${epoch}`,
    fix: "nothing: the newer run goes on",
    retryable: false,
  });
}

function described(mark: Mark | undefined): string {
  return mark === undefined
    ? "no mark"
    : `rotation ${mark.rotation}, attempt ${mark.attempt}, epoch ${mark.epoch}`;
}
