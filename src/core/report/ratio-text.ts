import type { Ratio } from "./report-schema.ts";

/** A fraction for people: `12 of 14 (85.7 %)`; never rounded up to a whole that it is not. */
export function ratioText({ numerator, denominator, fraction }: Ratio): string {
  if (fraction === null) return "no population";
  const percent = fraction === 1 ? 100 : Math.min(99.9, fraction * 100);
  return `${numerator} of ${denominator} (${percent.toFixed(1)} %)`;
}
