import type { EffectError } from "../../../core/model/errors.ts";
import type { Fence, Mark } from "../../../core/ports/rotator.ts";
import * as fence from "../../../core/rotation/fence.ts";
import type { KeyMark } from "./mark.ts";

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
      : fence.sameVersion(present.mark, expected) || fence.sameVersion(present.mark, next);
  if (!fits) throw foreignMark(keyId, present, expected);
  fence.refuseStale(keyId, present?.mark, next.epoch);
}

/** Somebody else's mark, or the lack of ours. Needs a person. */
export function foreignMark(
  keyId: string,
  present: KeyMark | undefined,
  expected: Mark | undefined,
): EffectError {
  const fix = "find out who changed the user's tags cre/…: another run, another repository, or a person";
  return fence.foreignMark(`the key ${keyId}`, present?.mark, expected, fix);
}
