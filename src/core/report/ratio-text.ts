import { percentText } from "../text/percent.ts";
import type { Ratio } from "./history-schema.ts";

/** A fraction for people: `12 of 14 (85.7 %)`; never rounded up to a whole that it is not. */
export function ratioText({ numerator, denominator, fraction }: Ratio): string {
  if (fraction === null) return "no population";
  return `${numerator} of ${denominator} (${percentText(fraction)})`;
}
