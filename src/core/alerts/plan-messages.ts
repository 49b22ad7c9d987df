import { compareKeys, compareText } from "../evaluate/order.ts";
import type { Instant } from "../model/instant.ts";
import type { Message } from "../ports/channel.ts";
import type { Sha256 } from "../ports/runtime.ts";
import type { AlertBook, DigestFact } from "../state/alert-book.ts";
import { destinationOf } from "./destination.ts";
import { type Due, digestMoment, type Item, type Moment } from "./due.ts";
import { type AlertLevel, compareLevels } from "./subject.ts";

/** Alerts that one message names; the rest is counted. */
const MOST_NAMED = 50;
/** Of what is merely still open the worst are named. */
const MOST_REMINDED = 5;

/** A message before it is put into words. */
export interface PlannedMessage {
  /** Depends on what it tells to whom and nothing else: the same message has the same one in whatever run. */
  readonly id: string;
  /** Key of the destination. */
  readonly to: string;
  readonly kind: Message["kind"];
  /** The digest, and the time of day it is for. */
  readonly slot: { readonly key: string; readonly moment: Instant } | undefined;
  /** Most urgent first; what is over comes last. */
  readonly named: readonly Item[];
  /** Told as well, by their number alone. */
  readonly counted: readonly Item[];
}

export interface Planning {
  readonly book: AlertBook;
  readonly due: Due;
  readonly moment: Moment;
  /** Destinations that must hear the name of everything that is over. */
  readonly namesOnly: (to: string) => boolean;
  readonly sha256: Sha256;
}

/**
 * The messages to send now: emergencies first, then the digests that have waited longest. After all of these those to
 * single recipients that could not be told last time, so that what is wrong with one holds up no other of its channel.
 */
export function planMessages({ book, due, moment, namesOnly, sha256 }: Planning): readonly PlannedMessage[] {
  const immediate = [...due.immediate].flatMap(([to, items]) =>
    split(items, [], namesOnly(to)).map((parts) => messageOf(to, undefined, parts, sha256)),
  );
  const digests = [...due.digests].flatMap(([key, slot]) => {
    const known = book.digests?.[key];
    const at = digestMoment(slot, known, moment);
    if (at === undefined) return [];
    const parts = split(slot.items, slot.reminders, namesOnly(slot.to));
    return parts.map((part) => ({
      sent: known?.sent ?? "",
      message: messageOf(slot.to, { key, moment: at }, part, sha256),
    }));
  });
  const all = [
    ...immediate.toSorted(byUrgency),
    ...digests
      .toSorted((a, b) => compareText(a.sent, b.sent) || byUrgency(a.message, b.message))
      .map(({ message }) => message),
  ];
  const hasFailed = ({ to }: PlannedMessage): boolean =>
    destinationOf(to).recipient !== undefined && book.failing?.[to] !== undefined;
  return [...all.filter((message) => !hasFailed(message)), ...all.filter(hasFailed)];
}

/** The digests that these messages are, noted as begun before the first is sent. The same book when it says so already. */
export function announce(book: AlertBook, messages: readonly PlannedMessage[]): AlertBook {
  const begun = messages.flatMap(({ slot }): [string, DigestFact][] => {
    const known = slot === undefined ? undefined : book.digests?.[slot.key];
    return slot === undefined || known?.due === slot.moment
      ? []
      : [[slot.key, { ...known, due: slot.moment }]];
  });
  return begun.length === 0 ? book : { ...book, digests: { ...book.digests, ...Object.fromEntries(begun) } };
}

interface Parts {
  readonly named: readonly Item[];
  readonly counted: readonly Item[];
}

/** Usually one message. Where each end must be heard by its name: as many as that takes. */
function split(items: readonly Item[], reminders: readonly Item[], namesOnly: boolean): readonly Parts[] {
  const sorted = items.toSorted(compareItems);
  const open = sorted.filter(({ occasion }) => occasion !== "recovered");
  const over = sorted.filter(({ occasion }) => occasion === "recovered");
  const reminded = reminders.toSorted(compareItems);
  const news = open.slice(0, MOST_NAMED);
  const worst = reminded.slice(0, Math.min(MOST_REMINDED, MOST_NAMED - news.length));
  const room = MOST_NAMED - news.length - worst.length;
  const counted = [...open.slice(MOST_NAMED), ...reminded.slice(worst.length)];
  const first = { named: [...news, ...worst, ...over.slice(0, room)] };
  if (!namesOnly) return [{ ...first, counted: [...counted, ...over.slice(room)] }];
  const parts: Parts[] = [{ ...first, counted }];
  for (let at = room; at < over.length; at += MOST_NAMED) {
    parts.push({ named: over.slice(at, at + MOST_NAMED), counted: [] });
  }
  return parts.filter(({ named }) => named.length > 0);
}

function compareItems(a: Item, b: Item): number {
  return (
    compareLevels(a.level, b.level) ||
    compareKeys(
      // After every date: what has none can wait.
      [a.subject?.dueAt ?? "~", a.fact.credential ?? "", a.fact.code, a.fingerprint],
      [b.subject?.dueAt ?? "~", b.fact.credential ?? "", b.fact.code, b.fingerprint],
    )
  );
}

/** With a time of its own, for what comes and goes and comes again; a reminder has that of its digest. */
function aboutItem({ fingerprint, occasion, level, fact }: Item): string {
  const time = occasion === "reminder" ? "" : fact.changed;
  return [fingerprint, occasion, level, fact.within ?? "", time].join(" ");
}

function messageOf(
  to: string,
  slot: PlannedMessage["slot"],
  { named, counted }: Parts,
  sha256: Sha256,
): PlannedMessage {
  const text = [to, slot?.moment ?? "", ...named.map(aboutItem), "", ...counted.map(aboutItem)].join("\n");
  const kind = slot === undefined ? "immediate" : "digest";
  return { id: sha256(text).slice(0, 32), to, kind, slot, named, counted };
}

function byUrgency(a: PlannedMessage, b: PlannedMessage): number {
  return compareLevels(worstOf(a) ?? "warning", worstOf(b) ?? "warning") || compareText(a.to, b.to);
}

/** The highest level among what is open in it; undefined: it tells only of ends. */
export function worstOf({ named, counted }: PlannedMessage): AlertLevel | undefined {
  return [...named, ...counted]
    .filter(({ occasion }) => occasion !== "recovered")
    .map(({ level }) => level)
    .toSorted(compareLevels)[0];
}
