import { CreError } from "../model/errors.ts";
import { addTo, type Instant, instantOf, parseInstant, secondsBetween } from "../model/instant.ts";

/** A stretch of time that a report tells about. */
export interface Period {
  /** As it was asked for: `2026-Q3`. */
  readonly words: string;
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
}

const DAY = 86_400;
const CALENDAR = /^(\d{4})(?:-(?:Q([1-4])|(\d{2})))?$/;
const PLAIN_DATE = /^\d{4}-\d{2}-\d{2}$/;
const FIX =
  "Write FROM..TO (2026-07-01..2026-09-30, the last day included; instants are exact), a quarter (2026-Q3), a month (2026-09) or a year (2026).";

/**
 * Reads `FROM..TO`, `2026-Q3`, `2026-09` or `2026`, all in UTC. A plain last date includes its whole day, an instant is
 * the first one outside. Throws a CreError that says how to write one.
 */
export function parsePeriod(text: string): Period {
  const calendar = calendarOf(text);
  if (calendar !== undefined) return calendar;
  const ends = text.split("..");
  const [first = "", last = ""] = ends;
  const [from, start] = [parseInstant(first), parseInstant(last)];
  if (ends.length !== 2 || from === undefined || start === undefined) {
    throw new CreError("period-malformed", `\`${text}\` is no period.`, { fix: FIX });
  }
  const to = PLAIN_DATE.test(last) ? addTo(start, DAY) : start;
  if (from >= to) {
    throw new CreError("period-empty", `The period \`${text}\` ends before it begins.`, { fix: FIX });
  }
  return { words: text, from, to };
}

/** The quarter, month or year before, else the stretch of the same length that ends where this one begins. */
export function previousPeriod({ words, from, to }: Period): Period {
  const [, year, quarter, month] = CALENDAR.exec(words) ?? [];
  if (year === undefined) {
    const before = addTo(from, -secondsBetween(from, to));
    return { words: `${before}..${from}`, from: before, to: from };
  }
  const before = Number(year) - 1;
  if (quarter !== undefined) {
    return calendarPeriod(quarter === "1" ? `${yearText(before)}-Q4` : `${year}-Q${Number(quarter) - 1}`);
  }
  if (month === undefined) return calendarPeriod(yearText(before));
  return calendarPeriod(
    month === "01" ? `${yearText(before)}-12` : `${year}-${twoDigits(Number(month) - 1)}`,
  );
}

/** Instants at which something of the period is worth a point: its ends, and those of its months, or of its weeks. */
export function milestonesOf({ from, to }: Pick<Period, "from" | "to">): readonly Instant[] {
  const byWeek = secondsBetween(from, to) <= 62 * DAY;
  const between: Instant[] = [];
  for (let at = byWeek ? addTo(from, 7 * DAY) : monthAfter(from); at < to; ) {
    between.push(at);
    at = byWeek ? addTo(at, 7 * DAY) : monthAfter(at);
  }
  return [from, ...between, to];
}

/** The beginnings of the last months before an instant, the oldest first: where those before them ended. */
export function monthEndsBefore(instant: Instant, count: number): readonly Instant[] {
  const [year, month] = [Number(instant.slice(0, 4)), Number(instant.slice(5, 7))];
  const ends = Array.from({ length: count + 1 }, (_, back) => monthStart(year, month - back));
  return ends
    .filter((end) => end < instant)
    .slice(0, count)
    .toReversed();
}

function calendarOf(text: string): Period | undefined {
  const [, year, quarter, month] = CALENDAR.exec(text) ?? [];
  if (year === undefined) return undefined;
  const first = quarter === undefined ? Number(month ?? 1) : Number(quarter) * 3 - 2;
  if (first < 1 || first > 12) {
    throw new CreError("period-malformed", `\`${text}\` is no month.`, { fix: FIX });
  }
  const months = quarter !== undefined ? 3 : month !== undefined ? 1 : 12;
  return { words: text, from: monthStart(Number(year), first), to: monthStart(Number(year), first + months) };
}

function calendarPeriod(text: string): Period {
  const period = calendarOf(text);
  // Year 0000 has nothing before it.
  if (period === undefined) {
    throw new CreError("period-malformed", `There is no period \`${text}\`.`, { fix: FIX });
  }
  return period;
}

function monthAfter(instant: Instant): Instant {
  return monthStart(Number(instant.slice(0, 4)), Number(instant.slice(5, 7)) + 1);
}

/** First second of a month; months beyond the year's count into its neighbours. */
function monthStart(year: number, month: number): Instant {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, 1);
  return instantOf(date.getTime() / 1000);
}

function yearText(year: number): string {
  return String(year).padStart(4, "0");
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
