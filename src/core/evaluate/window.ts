import { Cron } from "croner";
import type { Window } from "../documents/policy.ts";
import { addTo, durationSeconds, epochSeconds, type Instant, instantOf } from "../model/instant.ts";

/**
 * Whether a policy's window is open: it opens at every instant its cron line names in its time zone (default UTC) and
 * stays open for its duration, which is time that passes, not time on the wall: the end is exclusive. An opening that
 * falls into the hour that spring skips opens right after it, unless that hour is the last of its day (as in Greenland):
 * then that day has none. One in the hour that autumn repeats opens once. Lines that open every hour go by time that
 * passes: they skip the skipped hour and open in the repeated one, too.
 * `nextOpen` is when a shut one opens next, if ever.
 */
export function windowAt(
  window: Window,
  now: Instant,
): { readonly open: boolean; readonly nextOpen?: Instant } {
  const { timezone = "UTC" } = window;
  // UTC by its offset is the same and needs no table of time zones, which takes most of the time.
  const zone = timezone === "UTC" ? { utcOffset: 0 } : { timezone };
  const cron = new Cron(window.cron, { ...zone, mode: "5-part", paused: true });
  // Open when some opening lies within the last `duration`: the first one after that long ago is not in the future.
  const first = nextAfter(cron, addTo(now, -durationSeconds(window.duration)));
  if (first !== undefined && first <= now) return { open: true };
  const next = nextAfter(cron, now);
  return next === undefined ? { open: false } : { open: false, nextOpen: next };
}

function nextAfter(cron: Cron, instant: Instant): Instant | undefined {
  const next = cron.nextRun(new Date(epochSeconds(instant) * 1000));
  return next === null ? undefined : instantOf(next.getTime() / 1000);
}
