import type { Instant } from "../model/instant.ts";
import { type AlertBook, type AlertFact, FAILING_RUNS, type Told } from "../state/alert-book.ts";
import type { Item } from "./due.ts";
import type { PlannedMessage } from "./plan-messages.ts";
import { hasRisen } from "./subject.ts";

/** The book after a message was sent, whatever other runs wrote into it meanwhile: what was told is never told again. */
export function markTold(book: AlertBook, message: PlannedMessage, now: Instant): AlertBook {
  const { to, slot, named, counted } = message;
  const alerts = new Map(Object.entries(book.alerts ?? {}));
  const mark = (item: Item, isNamed: boolean): void => {
    const fact = alerts.get(item.fingerprint);
    if (item.occasion === "recovered") {
      if (fact === undefined) return;
      const left = withoutDestination(fact, to);
      if (left === undefined) alerts.delete(item.fingerprint);
      else alerts.set(item.fingerprint, left);
      return;
    }
    if (item.occasion === "answered") {
      if (fact !== undefined) alerts.set(item.fingerprint, answeredAt(fact, to));
      return;
    }
    // Another run may have seen it end meanwhile: then this destination is still to hear of that.
    alerts.set(item.fingerprint, toldTo(fact ?? { ...item.fact, told: [] }, item, to, isNamed, now));
  };
  for (const item of named) mark(item, true);
  for (const item of counted) if (item.occasion !== "reminder") mark(item, false);
  const { [to]: _, ...failing } = book.failing ?? {};
  return {
    ...book,
    alerts: Object.fromEntries(alerts),
    ...(slot === undefined ? {} : { digests: { ...book.digests, [slot.key]: { sent: now } } }),
    ...(book.failing === undefined ? {} : { failing }),
  };
}

function toldTo(fact: AlertFact, item: Item, to: string, isNamed: boolean, now: Instant): AlertFact {
  const before = fact.told.find((one) => one.to === to);
  const within = item.fact.within;
  const told: Told = {
    to,
    level: item.level,
    ...(within === undefined ? {} : { within }),
    at: before === undefined || hasRisen(before, item) ? now : before.at,
    ...(isNamed || before?.named === true ? { named: true } : {}),
  };
  const escalated = item.occasion === "escalated" ? [...new Set([...(fact.escalated ?? []), to])] : undefined;
  return {
    ...fact,
    told: [...fact.told.filter((one) => one.to !== to), told],
    ...(escalated === undefined ? {} : { escalated }),
  };
}

function answeredAt(fact: AlertFact, to: string): AlertFact {
  return { ...fact, told: fact.told.map((one) => (one.to === to ? { ...one, answered: true } : one)) };
}

/** undefined: everybody knows. */
function withoutDestination(fact: AlertFact, to: string): AlertFact | undefined {
  const told = fact.told.filter((one) => one.to !== to);
  return told.length === 0 && fact.gone === true ? undefined : { ...fact, told };
}

/**
 * The book after a run that could not tell these destinations. `waiting`: those that something is still due at; what
 * is due nowhere has not failed. The same book when nothing changed.
 */
export function markFailing(
  book: AlertBook,
  failed: ReadonlyMap<string, string>,
  waiting: ReadonlySet<string>,
  now: Instant,
): AlertBook {
  const before = book.failing ?? {};
  const after = new Map(Object.entries(before).filter(([to]) => waiting.has(to)));
  let changed = after.size !== Object.keys(before).length;
  for (const [to, reason] of failed) {
    const known = after.get(to);
    // A service may word its refusal anew each time: what is a finding keeps its words.
    if (known?.runs === FAILING_RUNS) continue;
    changed = true;
    after.set(to, { runs: (known?.runs ?? 0) + 1, since: known?.since ?? now, reason });
  }
  return changed ? { ...book, failing: Object.fromEntries(after) } : book;
}
