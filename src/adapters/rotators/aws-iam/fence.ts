import { EffectError } from "../../../core/model/errors.ts";
import type { Fence, Mark } from "../../../core/ports/rotator.ts";
import { type KeyMark, sameVersion } from "./mark.ts";

/**
 * May an effect act on this key? Refuses a mark that is neither the expected one nor the one that the effect leaves
 * behind, and a run that is older than the mark.
 *
 * IAM compares nothing when it changes a key, so that between this look and the effect another run could act. What
 * holds it back is the lease, which is checked right before.
 */
export function refuseForeign(keyId: string, present: KeyMark | undefined, { expected, next }: Fence): void {
  const fits =
    present === undefined
      ? expected === undefined
      : sameVersion(present.mark, expected) || sameVersion(present.mark, next);
  if (!fits) throw foreignMark(keyId, present, expected);
  refuseStale(keyId, present?.mark, next.epoch);
}

/** Somebody else's mark, or the lack of ours. Needs a person. */
export function foreignMark(
  keyId: string,
  present: KeyMark | undefined,
  expected: Mark | undefined,
): EffectError {
  return new EffectError(
    "refused",
    "foreign-mark",
    `the key ${keyId} does not carry the mark that the record has`,
    {
      evidence: `found ${described(present?.mark)}, expected ${described(expected)}`,
      fix: "find out who changed the user's tags cre/…: another run, another repository, or a person",
      retryable: false,
    },
  );
}

/** Refuses a run whose lease was taken over: the newer holder has acted already. */
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
