import { type Instant, secondsBetween } from "../model/instant.ts";

/** Whole days until an instant, floored: -1 from the first second after it. */
export function daysUntil(instant: Instant, now: Instant): number {
  return Math.floor(secondsBetween(now, instant) / 86_400);
}
