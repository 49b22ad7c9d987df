/**
 * A moment in UTC with the precision of a second, as the text `YYYY-MM-DDTHH:MM:SSZ` (RFC 3339).
 * The form has a fixed width, so `<` and `===` on two instants compare the moments they name.
 */
export type Instant = string & { readonly __brand: "Instant" };

/** A span of time as people write it: an integer and one of `s m h d w`. A day is 24 hours. */
export type Duration = string & { readonly __brand: "Duration" };

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?Z$/;
const DURATION = /^(0|[1-9]\d{0,8})([smhdw])$/;
const SECONDS_OF = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/**
 * Reads `YYYY-MM-DD` (its first second) or RFC 3339 with `Z`; fractions of a second are cut.
 * Returns undefined for anything else, also for days that no calendar has, such as 2026-02-30.
 */
export function parseInstant(text: string): Instant | undefined {
  const parts = DATE_TIME.exec(text) ?? DATE.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, 0);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return instantOf(date.getTime() / 1000);
}

const FIRST_SECOND = -62_167_219_200; // 0000-01-01T00:00:00Z
const LAST_SECOND = 253_402_300_799; // 9999-12-31T23:59:59Z

/**
 * The instant so many seconds after 1970-01-01T00:00:00Z; fractions are cut towards the past. What lies outside of
 * the years 0 to 9999 becomes the nearest instant inside, so that the longest durations mean "never", not a crash.
 */
export function instantOf(epochSeconds: number): Instant {
  const seconds = Math.min(LAST_SECOND, Math.max(FIRST_SECOND, Math.floor(epochSeconds)));
  const text = new Date(seconds * 1000).toISOString();
  // The brand is the only thing added here: toISOString guarantees the form for the years 0 to 9999.
  return `${text.slice(0, 19)}Z` as Instant;
}

/** Seconds since 1970-01-01T00:00:00Z. */
export function epochSeconds(instant: Instant): number {
  return Date.parse(instant) / 1000;
}

/** Reads a duration; undefined when the text is none. */
export function parseDuration(text: string): Duration | undefined {
  return DURATION.test(text) ? (text as Duration) : undefined; // checked by the pattern just before
}

/** Length in seconds. Durations are validated where documents are read, so a bad one is a bug. */
export function durationSeconds(duration: Duration | string): number {
  const parts = DURATION.exec(duration);
  if (parts === null) throw new Error(`not a duration: ${duration}`);
  // The pattern admits just these five units.
  return Number(parts[1]) * SECONDS_OF[parts[2] as keyof typeof SECONDS_OF];
}

/** `instant` moved by a duration (or a number of seconds, which may be negative). */
export function addTo(instant: Instant, span: Duration | number): Instant {
  return instantOf(epochSeconds(instant) + (typeof span === "number" ? span : durationSeconds(span)));
}

/** Seconds from `from` to `to`; negative when `to` is earlier. */
export function secondsBetween(from: Instant, to: Instant): number {
  return epochSeconds(to) - epochSeconds(from);
}

export function later(a: Instant, b: Instant | undefined): Instant {
  return b !== undefined && b > a ? b : a;
}
