import { addTo, epochSeconds, type Instant, instantOf } from "../../core/model/instant.ts";
import type { Clock } from "../../core/ports/runtime.ts";

/** The time at which every estate begins, and with it the use of what it was installed with. */
export const BEGINNING: Instant = "2026-11-25T06:00:00Z" as Instant;

/** A clock that starts at an instant of the test's choice and then runs with the real one. */
export function clockFrom(start: Instant): Clock {
  const offset = epochSeconds(start) - Date.now() / 1000;
  return { now: () => instantOf(Date.now() / 1000 + offset) };
}

/** The instant some hours after another. */
export function hoursAfter(start: Instant, hours: number): Instant {
  return addTo(start, hours * 3600);
}
