import { EffectError } from "../../../core/model/errors.ts";
import type { Site } from "./site.ts";

/** Seconds before the next look at what a CA that does not say for how long works on: most are quick. */
export function patienceAfter(looks: number): number {
  return Math.min(4, 0.25 * 2 ** looks);
}

/** Ends what has no time left. The order stays as it is, and is on record. */
export function refuseOver({ ca, patience }: Site, signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new EffectError("refused", "acme-not-finished", `${ca.label} has not finished with the order`, {
    evidence: `nothing was decided within ${patience} s, or the run was interrupted`,
    fix: "nothing: the next attempt goes on with the same order",
  });
}
