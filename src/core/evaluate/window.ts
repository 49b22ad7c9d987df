import { Cron } from "croner";
import type { Window } from "../documents/policy.ts";
import { durationSeconds, epochSeconds, type Instant, instantOf } from "../model/instant.ts";

/**
 * Whether a policy's window is open: it opens at every instant its cron line names in its time zone (default UTC) and
 * stays open for its duration. `nextOpen` is when a shut one opens next, if ever.
 */
export function windowAt(window: Window, now: Instant): { readonly open: boolean; readonly nextOpen?: Instant } {
  const cron = new Cron(window.cron, { timezone: window.timezone ?? "UTC", paused: true });
  const seconds = epochSeconds(now);
  // Open when some opening lies within the last `duration`: the first one after that long ago is not in the future.
  const first = cron.nextRun(new Date((seconds - durationSeconds(window.duration)) * 1000));
  if (first !== null && first.getTime() / 1000 <= seconds) return { open: true };
  const next = cron.nextRun(new Date(seconds * 1000));
  return next === null ? { open: false } : { open: false, nextOpen: instantOf(next.getTime() / 1000) };
}
