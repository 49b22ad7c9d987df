import { nearest } from "../../text/nearest.ts";

const LONGEST = 64;

/** The fix for a mistyped word: the known one that was most likely meant, else what else to do. */
export function didYouMean(typed: string, known: Iterable<string>, otherwise: string): string {
  const near = typed.length > LONGEST ? undefined : nearest(typed, known);
  return near === undefined ? otherwise : `did you mean \`${near}\`?`;
}
