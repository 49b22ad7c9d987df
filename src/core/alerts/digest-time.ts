import { Cron } from "croner";
import type { SettingsSpec } from "../documents/settings.ts";
import { addTo, epochSeconds, type Instant, instantOf } from "../model/instant.ts";

/** A time of day on the wall of a time zone. */
export interface DigestTime {
  /** `HH:MM` */
  readonly at: string;
  readonly timezone: string;
}

type Route = NonNullable<SettingsSpec["routes"]>[number];

/** When a route's digests go out; default 09:00 UTC. */
export function digestTimeOf(route: Pick<Route, "digest">): DigestTime {
  return { at: route.digest?.at ?? "09:00", timezone: route.digest?.timezone ?? "UTC" };
}

/** A day that is an hour longer, and the longest that a zone ever skips: the newest digest time is not further back. */
const FURTHEST = 50 * 3600;

/**
 * The newest moment up to now at which the wall of the zone shows this time: once a day. In the hour that spring skips
 * it is right after it, in the hour that autumn repeats the first of the two. Undefined where there was none in two
 * days: clocks have skipped it.
 */
export function newestDigestTime({ at, timezone }: DigestTime, now: Instant): Instant | undefined {
  const [hour, minute] = at.split(":").map(Number);
  const cron = new Cron(`${minute} ${hour} * * *`, { timezone, mode: "5-part", paused: true });
  let newest: Instant | undefined;
  for (let after = addTo(now, -FURTHEST); ; ) {
    const next = cron.nextRun(new Date(epochSeconds(after) * 1000));
    const found = next === null ? undefined : instantOf(next.getTime() / 1000);
    if (found === undefined || found > now) return newest;
    newest = found;
    after = found;
  }
}

/** The calendar day that the zone's wall shows. */
export function dayIn(timezone: string, instant: Instant): string {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone: timezone, dateStyle: "short" });
  return format.format(new Date(epochSeconds(instant) * 1000));
}
