import { CreError } from "../model/errors.ts";
import { plainLine } from "../text/plain-line.ts";

const LONGEST = 600;

/**
 * An expected failure as the problem of a look: what is wrong, what to do, and what was seen, which is what a reader can
 * miss first when it is cut. Throws bugs on.
 */
export function problemText(error: unknown): string {
  if (!(error instanceof CreError)) throw error;
  const { message, evidence, fix } = error;
  const seen = evidence === undefined ? "" : ` (${evidence})`;
  return plainLine(`${message}${fix === undefined ? "" : `; ${fix}`}${seen}`, LONGEST);
}
