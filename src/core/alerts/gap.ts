import { SETTINGS_DEFAULTS, type SettingsSpec } from "../documents/settings.ts";
import { addTo, durationSeconds, type Instant } from "../model/instant.ts";
import { type AlertBook, EMPTY_BOOK, type Gap } from "../state/alert-book.ts";

/** Gaps that are kept: the newest are what anybody can still do something about. */
const MOST_GAPS = 5;

/** The time without runs that ends now, should it be longer than twice the schedule. */
export function gapSince(
  newest: Instant | undefined,
  settings: SettingsSpec | undefined,
  now: Instant,
): Gap | undefined {
  const every = settings?.schedule?.every ?? SETTINGS_DEFAULTS.every;
  if (newest === undefined || addTo(newest, 2 * durationSeconds(every)) >= now) return undefined;
  return { since: newest, until: now, every };
}

/** The book with this gap, once. */
export function noteGap(book: AlertBook = EMPTY_BOOK, gap: Gap): AlertBook {
  const known = book.watch?.gaps ?? [];
  if (known.some(({ since }) => since === gap.since)) return book;
  return { ...book, watch: { ...book.watch, gaps: [...known, gap].slice(-MOST_GAPS) } };
}
