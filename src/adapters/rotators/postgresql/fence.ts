import type { EffectError } from "../../../core/model/errors.ts";
import type { Fence, Mark } from "../../../core/ports/rotator.ts";
import * as fence from "../../../core/rotation/fence.ts";
import type { RoleMark } from "../../clients/postgresql/mark.ts";

/** Our mark of a version that somebody else put there, or the lack of the one that we expected. Needs a person. */
export function foreignMark(
  role: string,
  present: RoleMark | undefined,
  expected: Mark | undefined,
): EffectError {
  const fix = `find out who changed the role ${role}: another run, another repository, or a person who wrote a new comment`;
  return fence.foreignMark(`the role ${role}`, present?.mark, expected, fix);
}

/** Refuses a run whose lease was taken over: the newer holder has acted on this role already. */
export function refuseStale(role: string, present: RoleMark | undefined, epoch: number): void {
  fence.refuseStale(`the role ${role}`, present?.mark, epoch);
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
    : fence.sameVersion(present.mark, expected) || fence.sameVersion(present.mark, next);
  if (!fits) throw foreignMark(role, present, expected);
  refuseStale(role, present, next.epoch);
}
