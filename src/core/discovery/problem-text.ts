import { CreError } from "../model/errors.ts";
import { plainLine } from "../text/plain-line.ts";

const LONGEST = 600;

/** An expected failure as the problem of a look: what is wrong, what was seen, what to do, on one line. Throws bugs on. */
export function problemText(error: unknown): string {
  if (!(error instanceof CreError)) throw error;
  const { message, evidence, fix } = error;
  const seen = evidence === undefined ? "" : ` (${evidence})`;
  return plainLine(`${message}${seen}${fix === undefined ? "" : `; ${fix}`}`, LONGEST);
}
