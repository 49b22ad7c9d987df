import type { SettingsSpec } from "../documents/settings.ts";
import { addTo, type Instant, secondsBetween } from "../model/instant.ts";
import type { Occasion } from "../ports/channel.ts";
import type { AlertBook, AlertFact, DigestFact } from "../state/alert-book.ts";
import { type DigestTime, dayIn, newestDigestTime } from "./digest-time.ts";
import { digestTimeFor, type Routing } from "./routing.ts";
import { type AlertLevel, hasRisen, isWorse, type Subject } from "./subject.ts";
import { isInScope } from "./take-note.ts";

/** Something to tell one destination of one alert. */
export interface Item {
  readonly fingerprint: string;
  readonly occasion: Occasion;
  readonly level: AlertLevel;
  readonly fact: AlertFact;
  /** undefined: it is over. */
  readonly subject: Subject | undefined;
}

/** One destination's digest at one time of day. */
export interface Slot {
  readonly to: string;
  readonly time: DigestTime;
  readonly items: Item[];
  readonly reminders: Item[];
}

/** Everything that waits to be told. */
export interface Due {
  /** By destination. */
  readonly immediate: ReadonlyMap<string, readonly Item[]>;
  /** By `slotKey`. */
  readonly digests: ReadonlyMap<string, Slot>;
}

export interface Routed {
  readonly subject: Subject;
  readonly routing: Routing;
}

function slotKey(to: string, { at, timezone }: DigestTime): string {
  return `${to} | ${at} ${timezone}`;
}

/**
 * What each destination does not know yet, by the book: emergencies and escalations at once, all else for its digest.
 * `only`: nothing but the emergencies of these credentials. `hearsAnswers`: destinations that stop calling people once
 * somebody, or the runner, is at it.
 */
export function whatIsDue(
  book: AlertBook,
  routed: ReadonlyMap<string, Routed>,
  routes: NonNullable<SettingsSpec["routes"]>,
  now: Instant,
  only: ReadonlySet<string> | undefined,
  hearsAnswers: (to: string) => boolean = () => false,
): Due {
  const immediate = new Map<string, Item[]>();
  const digests = new Map<string, Slot>();
  const atOnce = (to: string, item: Item): void => {
    const items = immediate.get(to);
    if (items === undefined) immediate.set(to, [item]);
    else items.push(item);
  };
  const slotOf = (to: string, time: DigestTime): Slot => {
    const key = slotKey(to, time);
    const slot = digests.get(key) ?? { to, time, items: [], reminders: [] };
    digests.set(key, slot);
    return slot;
  };
  for (const [fingerprint, fact] of Object.entries(book.alerts ?? {})) {
    if (!isInScope(fact.level, fact.credential, { only })) continue;
    const open = routed.get(fingerprint);
    if (fact.gone === true) {
      for (const { to, level } of fact.told) {
        const item: Item = { fingerprint, occasion: "recovered", level, fact, subject: undefined };
        if (level === "emergency") atOnce(to, item);
        else slotOf(to, digestTimeFor(to, routes)).items.push(item);
      }
      continue;
    }
    if (open === undefined) continue;
    for (const to of answeredFor(open.subject, fact)) {
      if (hearsAnswers(to)) {
        atOnce(to, { fingerprint, occasion: "answered", level: fact.level, fact, subject: open.subject });
      }
    }
    if (fact.snoozed === true) continue;
    const { subject, routing } = open;
    const { level } = subject;
    for (const { to, time } of routing.ways) {
      const told = fact.told.find((one) => one.to === to);
      const occasion = told === undefined ? "new" : isWorse(subject, told) ? "raised" : "reminder";
      const item: Item = { fingerprint, occasion, level, fact, subject };
      if (occasion === "reminder") slotOf(to, time).reminders.push(item);
      else if (level === "emergency") atOnce(to, item);
      else slotOf(to, time).items.push(item);
    }
    for (const to of escalationsDue(open, fact, now)) {
      atOnce(to, { fingerprint, occasion: "escalated", level, fact, subject });
    }
  }
  return { immediate, digests };
}

/** Destinations that were told by name, and not yet that it is snoozed or its rotation under way. */
function answeredFor({ underWay, level }: Subject, { snoozed, told }: AlertFact): readonly string[] {
  // An emergency calls people until it is over.
  if (level === "emergency" || (snoozed !== true && !underWay)) return [];
  return told.filter(({ named, answered }) => named === true && answered !== true).map(({ to }) => to);
}

/** Destinations that an alert goes to because nobody answered: each once. */
function escalationsDue({ subject, routing }: Routed, fact: AlertFact, now: Instant): ReadonlySet<string> {
  const due = new Set<string>();
  if (subject.underWay) return due;
  for (const { after, from, to } of routing.escalations) {
    const first = fact.told
      // Who was only warned was not told of this.
      .filter((one) => from.includes(one.to) && !hasRisen(one, subject))
      .map(({ at }) => at)
      .toSorted()[0];
    if (first === undefined || addTo(first, after) > now) continue;
    for (const name of to) if (fact.escalated?.includes(name) !== true) due.add(name);
  }
  return due;
}

/** Between digests that only remind: almost a week, so that they stay on their day of the week when a run was late. */
const BETWEEN_REMINDERS = 6.5 * 86_400;

/** The instants that say whether a digest goes out. */
export interface Moment {
  readonly now: Instant;
  /** Newest entry of the trail when this run began; undefined: there was none. */
  readonly before: Instant | undefined;
}

/**
 * The time of day for which a digest goes out in this run; undefined: not now. It is the first run at or after that
 * time, or one that goes on where a run was interrupted, or what it tells has waited since before that time.
 */
export function digestMoment(
  { time, items, reminders }: Slot,
  known: DigestFact | undefined,
  { now, before }: Moment,
): Instant | undefined {
  const moment = newestDigestTime(time, now);
  // What was written in the future was written by a clock that was wrong: it keeps nobody silent until then.
  const sent = notAfter(now, known?.sent);
  const last = notAfter(now, before);
  if (moment === undefined || (sent !== undefined && sent >= moment)) return undefined;
  const isFirst =
    last === undefined ? dayIn(time.timezone, moment) === dayIn(time.timezone, now) : last < moment;
  const goesOn = isFirst || known?.due === moment;
  if (items.length > 0) {
    return goesOn || items.some(({ fact }) => fact.changed < moment) ? moment : undefined;
  }
  const told = reminders.flatMap(({ fact }) => fact.told.map(({ at }) => at)).toSorted();
  const first = sent ?? told[0];
  const isLongAgo = first !== undefined && secondsBetween(first, moment) >= BETWEEN_REMINDERS;
  return goesOn && isLongAgo ? moment : undefined;
}

function notAfter(now: Instant, instant: Instant | undefined): Instant | undefined {
  return instant === undefined || instant > now ? undefined : instant;
}
