import { gapSince, noteGap } from "../../core/alerts/gap.ts";
import type { Instant } from "../../core/model/instant.ts";
import type { Inputs } from "../../core/ports/store.ts";
import type { Gap } from "../../core/state/alert-book.ts";
import type { Books } from "../../core/state/books.ts";
import type { StateFacts } from "../../core/state/facts.ts";
import { bookPath } from "../../core/state/layout.ts";
import type { RunnerPorts } from "../ports.ts";

/** The time without runs that this one ends, for a runner that tells people. */
export function gapBefore(
  newest: Instant | undefined,
  { people, clock }: Pick<RunnerPorts, "people" | "clock">,
  { documents }: Pick<Inputs, "documents">,
): Gap | undefined {
  if (people === undefined) return undefined;
  return gapSince(newest, documents.settings?.document.spec, clock.now());
}

/** What a push writes into the books, and the gap with it. A book that cannot be read stays as it is. */
export function withGap(books: Books | undefined, tip: StateFacts, gap: Gap | undefined): Books | undefined {
  if (gap === undefined || !isReadable(tip)) return books;
  return { ...books, alerts: noteGap(books?.alerts ?? tip.books?.alerts, gap) };
}

/** Whether the book of alerts can be read, or there is none yet. */
export function isReadable({ unreadable }: Pick<StateFacts, "unreadable">): boolean {
  return unreadable?.some(({ path }) => path === bookPath("alerts")) !== true;
}
