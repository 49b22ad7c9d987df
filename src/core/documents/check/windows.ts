import { Cron } from "croner";
import { durationSeconds } from "../../model/instant.ts";
import type { Sourced } from "../kinds.ts";
import type { Policy, Window } from "../policy.ts";
import type { Fault } from "./fault.ts";
import { isTimezone } from "./timezone.ts";

/** Any year does: seasons differ by daylight saving, not by year. */
const YEAR_START = Date.UTC(2026, 0, 1);
const SEASONS = [
  { name: "in winter", from: Date.UTC(2026, 0, 5), to: Date.UTC(2026, 2, 1) },
  { name: "in summer", from: Date.UTC(2026, 5, 1), to: Date.UTC(2026, 7, 1) },
] as const;
const YEAR_END = Date.UTC(2027, 0, 1);
const MOST_OPENINGS = 200;

/** What keeps a policy's window from ever opening. */
export function windowFaults(source: Sourced<Policy>): Fault[] {
  const { window } = source.document.spec;
  if (window === undefined) return [];
  const base = ["spec", "window"];
  const timezone = window.timezone ?? "UTC";
  if (!isTimezone(timezone)) {
    const message = "`timezone` is no time zone";
    return [
      {
        source,
        path: [...base, "timezone"],
        code: "timezone-unknown",
        message,
        fix: "use a name such as Europe/Berlin",
      },
    ];
  }
  const cron = parseCron(window);
  if (cron === undefined) {
    return [
      {
        source,
        path: [...base, "cron"],
        code: "cron-invalid",
        message: "`cron` is no cron line of five fields",
        fix: "write minute, hour, day of month, month, day of week, such as `0 2 * * 1-5`",
      },
    ];
  }
  if (durationSeconds(window.duration) < 60) {
    const message = `\`duration\` is ${window.duration}: the window would close at once`;
    return [
      { source, path: [...base, "duration"], code: "window-too-short", message, fix: "use at least 1m" },
    ];
  }
  if (cron.nextRun(new Date(YEAR_START)) !== null) return [];
  const message = "`cron` names a day that never comes";
  return [{ source, path: [...base, "cron"], code: "cron-never", message, fix: "write a day that exists" }];
}

/**
 * When the window contains no scheduled run, or undefined when it does in winter and in summer. Runs are taken to be at
 * multiples of `every` seconds from midnight UTC, as a cron line of the schedule says it.
 */
export function seasonWithoutSlot(window: Window, every: number): string | undefined {
  const cron = parseCron(window);
  const length = durationSeconds(window.duration) * 1000;
  const step = every * 1000;
  if (cron === undefined || step === 0 || length >= step) return undefined;
  const without = SEASONS.filter(({ from, to }) => {
    const openings = openingsOf(cron, from, to);
    return openings.length > 0 && !openings.some((opening) => containsSlot(opening, length, step));
  });
  if (without.length === SEASONS.length) return "at any time of the year";
  if (without[0] !== undefined) return without[0].name;
  const year = openingsOf(cron, YEAR_START, YEAR_END);
  return year.some((opening) => containsSlot(opening, length, step)) ? undefined : "at any time of the year";
}

function containsSlot(opening: number, length: number, step: number): boolean {
  return Math.ceil(opening / step) * step < opening + length;
}

function openingsOf(cron: Cron, from: number, to: number): number[] {
  const openings: number[] = [];
  let next = cron.nextRun(new Date(from - 1000));
  while (next !== null && next.getTime() < to && openings.length < MOST_OPENINGS) {
    openings.push(next.getTime());
    next = cron.nextRun(next);
  }
  return openings;
}

function parseCron(window: Window): Cron | undefined {
  try {
    return new Cron(window.cron, { mode: "5-part", timezone: window.timezone ?? "UTC", paused: true });
  } catch {
    return undefined;
  }
}
