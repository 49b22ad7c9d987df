import { compareKeys } from "../evaluate/order.ts";
import { CreError } from "../model/errors.ts";
import type { Sha256 } from "../ports/runtime.ts";

/** How many of a population are looked at, and what decides which. */
export interface Sampling {
  readonly size: number;
  readonly seed: string;
}

/** A member of the population that was drawn. */
export interface Drawn {
  readonly id: string;
  /** SHA-256 of `seed:id`, in hex: those with the smallest are drawn. */
  readonly digest: string;
}

/** How members are drawn, so that anybody can draw the same. */
export const ALGORITHM =
  "For each id of population.csv: SHA-256 of the seed, a colon and the id, as UTF-8 text (printf '%s' \"SEED:ID\" | sha256sum). The ids with the smallest digests are drawn.";

/**
 * Draws as many as asked for, or all where the population has no more or no sampling is asked for; by digest. The same
 * population and seed give the same members, and a member that is added later moves at most one out. Throws a
 * CreError for ids that are not unique: such a population has no sample.
 */
export function drawFrom(
  ids: readonly string[],
  sampling: Sampling | undefined,
  sha256: Sha256,
): readonly Drawn[] {
  if (new Set(ids).size !== ids.length) {
    throw new CreError("population-ambiguous", "Two members of the population have one id.", {
      fix: "Report this: it is a mistake of the program.",
    });
  }
  const seed = sampling?.seed ?? "";
  const drawn = ids
    .map((id): Drawn => ({ id, digest: sha256(`${seed}:${id}`) }))
    .toSorted((a, b) => compareKeys([a.digest, a.id], [b.digest, b.id]));
  return sampling === undefined ? drawn : drawn.slice(0, sampling.size);
}
