import type { Instant } from "../model/instant.ts";
import type { ScheduleHealth } from "../ports/forge.ts";
import { type AbsentSecret, type AlertBook, EMPTY_BOOK, type Watch } from "../state/alert-book.ts";
import { sameValue } from "../state/same-facts.ts";

/** What the forge says of the enforcer. */
export interface ForgeSight {
  readonly schedules: readonly ScheduleHealth[];
  readonly tokenEnds: Instant | undefined;
}

/** What one run saw of the enforcer itself; what it did not look at is undefined. */
export interface WatchSight {
  readonly zone: string | undefined;
  readonly absent: readonly AbsentSecret[] | undefined;
  /** `none`: the settings name no forge. */
  readonly forge: ForgeSight | "none" | undefined;
}

/** The forge is asked once a day. */
export function isAskedToday(book: AlertBook | undefined, now: Instant): boolean {
  return book?.watch?.asked?.slice(0, 10) === now.slice(0, 10);
}

/** The book with what a run saw; the same book when it says so already. */
export function noteWatch(book: AlertBook = EMPTY_BOOK, sight: WatchSight, now: Instant): AlertBook {
  const before = book.watch ?? {};
  const after = withForge(withAbsent(before, sight), sight.forge, now);
  return sameValue(after, before) ? book : { ...book, watch: after };
}

/** Each runner speaks for its own zone: another has other secrets. */
function withAbsent(watch: Watch, { zone = "-", absent }: WatchSight): Watch {
  if (absent === undefined) return watch;
  const { absent: known, ...rest } = watch;
  const others = Object.entries(known ?? {}).filter(([name]) => name !== zone);
  const ours: readonly [string, AbsentSecret[]][] = absent.length === 0 ? [] : [[zone, [...absent]]];
  const all = [...others, ...ours];
  return all.length === 0 ? rest : { ...rest, absent: sorted(all) };
}

function sorted(entries: readonly (readonly [string, AbsentSecret[]])[]): Record<string, AbsentSecret[]> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function withForge(watch: Watch, forge: WatchSight["forge"], now: Instant): Watch {
  if (forge === undefined) return watch;
  const { asked: _, disabled: __, tokenEnds: ___, ...rest } = watch;
  if (forge === "none") return rest;
  const { schedules, tokenEnds } = forge;
  const disabled = schedules
    .filter(({ state }) => state === "disabled")
    .map(({ workflow, detail }) => ({ workflow, detail }));
  return {
    ...rest,
    asked: now,
    ...(disabled.length === 0 ? {} : { disabled }),
    ...(tokenEnds === undefined ? {} : { tokenEnds }),
  };
}
