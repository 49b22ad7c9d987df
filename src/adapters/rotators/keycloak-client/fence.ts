import type { Fence } from "../../../core/ports/rotator.ts";
import { foreignMark, refuseStale, sameVersion } from "../../../core/rotation/fence.ts";
import { placeOf } from "./place.ts";
import { type Site } from "./site.ts";
import type { Seen } from "./versions.ts";

/**
 * May an effect act on this secret? Refuses a mark that is neither the expected one nor the one that the effect leaves
 * behind, and a run that is older than the mark.
 */
export function refuseForeign(site: Site, { version, note }: Seen, { expected, next }: Fence): void {
  const what = `the secret ${version.handle} of ${placeOf(site)}`;
  const present = note?.mark;
  const fits =
    present === undefined
      ? expected === undefined
      : sameVersion(present, expected) || sameVersion(present, next);
  if (!fits) throw foreignMark(what, present, expected, FIX);
  refuseStale(what, present, next.epoch);
}

export const FIX =
  "find out who changed the client's secret or its attributes cre.… (admin events of the realm): another run, another tool such as Terraform, or a person";
