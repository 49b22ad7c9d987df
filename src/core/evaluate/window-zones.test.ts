import { expect, test } from "vitest";
import { addTo, epochSeconds, type Instant, instantOf } from "../model/instant.ts";
import { windowAt } from "./window.ts";

/** A night on which the clocks of a zone are put forward or back. */
interface Change {
  readonly zone: string;
  /** First second of the new time. */
  readonly at: number;
  /** Seconds that the wall is ahead of UTC, before and after. */
  readonly before: number;
  readonly after: number;
}

const DAY = 86_400;
const STEP = 5 * DAY; // Ramadan's change is undone after a month

/** What the wall of each zone shows, as seconds ahead of UTC. */
class Walls {
  readonly #formats = new Map<string, Intl.DateTimeFormat>();

  ahead(zone: string, epoch: number): number {
    const parts = this.#format(zone).formatToParts(new Date(epoch * 1000));
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = (
      ["year", "month", "day", "hour", "minute", "second"] as const
    ).map((wanted) => Number(parts.find(({ type }) => type === wanted)?.value));
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - epoch;
  }

  /** The change between two moments that are closer than two changes ever are. */
  between(zone: string, from: number, to: number): Change | undefined {
    const [before, after] = [this.ahead(zone, from), this.ahead(zone, to)];
    if (before === after) return undefined;
    let [old, now] = [from, to];
    while (now - old > 1) {
      const middle = Math.floor((old + now) / 2);
      if (this.ahead(zone, middle) === before) old = middle;
      else now = middle;
    }
    return { zone, at: now, before, after };
  }

  changes(zone: string, years: readonly number[]): Change[] {
    return years.flatMap((year) => {
      const begin = Date.UTC(year, 0, 1) / 1000;
      const steps = Array.from({ length: 73 }, (_, at) => begin + at * STEP);
      return steps.flatMap((from) => this.between(zone, from, from + STEP) ?? []);
    });
  }

  #format(zone: string): Intl.DateTimeFormat {
    const known = this.#formats.get(zone);
    if (known !== undefined) return known;
    const numeric = "2-digit";
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    });
    this.#formats.set(zone, format);
    return format;
  }
}

const walls = new Walls();
/** The calendar day that a zone's wall shows. */
const dayOf = (zone: string, instant: Instant): number =>
  Math.floor((epochSeconds(instant) + walls.ahead(zone, epochSeconds(instant))) / DAY);

/** When a daily window opens, from two days before a moment until so many openings are seen. */
function openings(zone: string, wall: number, around: number): Instant[] {
  const timeOfDay = ((wall % DAY) + DAY) % DAY;
  const window = {
    cron: `${Math.floor((timeOfDay % 3600) / 60)} ${Math.floor(timeOfDay / 3600)} * * *`,
    duration: "1m",
    timezone: zone,
  };
  const found: Instant[] = [];
  let now = instantOf(around - 2 * DAY);
  while (found.length < 4) {
    const { open, nextOpen } = windowAt(window, now);
    const at = open ? now : nextOpen;
    if (at === undefined) throw new Error(`${zone}: never opens`);
    found.push(at);
    now = addTo(at, 60);
  }
  return found;
}

/** Whether the skipped hour is the last of its day, as in Greenland: its openings have no place on that day. */
function skipsTheEnd({ at, before, after }: Change): boolean {
  return (
    after > before &&
    Math.floor((at + before) / DAY) < Math.floor((at + after) / DAY) &&
    (at + after) % DAY === 0
  );
}

function wrongNights(change: Change): string[] {
  const { zone, at, before } = change;
  return [-1800, 0, 1800, 3600].flatMap((shift) => {
    const found = openings(zone, at + before + shift, at);
    const days = found.map((instant) => dayOf(zone, instant));
    const gaps = days.slice(1).map((day, index) => day - (days[index] ?? 0));
    const most = skipsTheEnd(change) ? 2 : 1;
    return gaps.every((gap) => gap >= 1 && gap <= most) ? [] : [`${zone}: ${found.join(" ")}`];
  });
}

test("a daily window opens once a day in every zone there is, also around the nights that clocks change", () => {
  const zones = Intl.supportedValuesOf("timeZone");
  const changes = zones.flatMap((zone) => walls.changes(zone, [2026]));
  expect(zones.length).toBeGreaterThan(300);
  expect(changes.length).toBeGreaterThan(100);
  expect(changes.flatMap(wrongNights)).toEqual([]);
  const steady = zones.filter((zone) => !changes.some((change) => change.zone === zone));
  const noon = Date.UTC(2026, 5, 1, 12) / 1000;
  const wrong = steady.filter((zone) => {
    const found = openings(zone, 2.5 * 3600, noon);
    return found.some((instant, at) => at > 0 && instant !== addTo(found[at - 1] ?? instant, DAY));
  });
  expect(wrong).toEqual([]);
});

test("it does so ten years back and ten ahead, for every kind of change", () => {
  const kinds = new Map<string, string>();
  for (const zone of Intl.supportedValuesOf("timeZone")) {
    for (const { at, before, after } of walls.changes(zone, [2026])) {
      const kind = `${(at + before) % DAY} ${after - before}`;
      if (!kinds.has(kind)) kinds.set(kind, zone);
    }
  }
  expect(kinds.size).toBeGreaterThan(10);
  const zones = [...new Set(kinds.values())];
  const changes = zones.flatMap((zone) => walls.changes(zone, [2016, 2019, 2023, 2028, 2032, 2036]));
  expect(changes.flatMap(wrongNights)).toEqual([]);
});

test("where clocks skip the last hour of a day, what would open in it is left out on that day alone", () => {
  const [change] = walls.changes("America/Nuuk", [2026]);
  if (change === undefined) throw new Error("Greenland keeps its clocks");
  expect(openings("America/Nuuk", change.at + change.before + 1800, change.at)).toEqual([
    "2026-03-27T01:30:00Z",
    "2026-03-28T01:30:00Z",
    "2026-03-30T00:30:00Z",
    "2026-03-31T00:30:00Z",
  ]);
});
