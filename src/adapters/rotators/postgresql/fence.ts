import { EffectError } from "../../../core/model/errors.ts";
import type { Fence, Mark } from "../../../core/ports/rotator.ts";
import { type RoleMark, sameVersion } from "./mark.ts";

/** Our mark of a version that somebody else put there, or the lack of the one that we expected. Needs a person. */
export function foreignMark(
  role: string,
  present: RoleMark | undefined,
  expected: Mark | undefined,
): EffectError {
  return new EffectError(
    "refused",
    "foreign-mark",
    `the role ${role} does not carry the mark that the record has`,
    {
      evidence: `found ${described(present?.mark)}, expected ${described(expected)}`,
      fix: `find out who changed the role ${role}: another run, another repository, or a person who wrote a new comment`,
      retryable: false,
    },
  );
}

/** Refuses a run whose lease was taken over: the newer holder has acted on this role already. */
export function refuseStale(role: string, present: RoleMark | undefined, epoch: number): void {
  if (present === undefined || present.mark.epoch <= epoch) return;
  throw new EffectError("refused", "fenced", `a newer run has acted on the role ${role}`, {
    evidence: `its mark has the epoch ${present.mark.epoch}, this run has ${epoch}`,
    fix: "nothing: the newer run goes on",
    retryable: false,
  });
}

/**
 * May an effect act on the version in this role? Refuses a mark that is neither the expected one nor the one that the
 * effect leaves behind, and a run that is older than the mark. A free role has no version: it fits only an effect
 * that expects none.
 */
export function refuseForeign(role: string, present: RoleMark | undefined, { expected, next }: Fence): void {
  const unmarked = present === undefined || present.kind === "free";
  const fits = unmarked
    ? expected === undefined
    : sameVersion(present.mark, expected) || sameVersion(present.mark, next);
  if (!fits) throw foreignMark(role, present, expected);
  refuseStale(role, present, next.epoch);
}

function described(mark: Mark | undefined): string {
  return mark === undefined
    ? "no mark"
    : `rotation ${mark.rotation}, attempt ${mark.attempt}, epoch ${mark.epoch}`;
}
