import type { AuditEvent } from "../../core/audit/entry.ts";
import { type AlertBook, EMPTY_BOOK } from "../../core/state/alert-book.ts";
import type { Publication } from "../publication.ts";
import type { World } from "../world.ts";

/** What a push says about the book of alerts. */
export interface BookDraft {
  readonly book: AlertBook;
  readonly event: AuditEvent;
  /** First line of the commit. */
  readonly subject: string;
}

/** One commit of the book, decided again on every newer tip. Nothing is pushed when `decide` has nothing to say. */
export async function pushBook(
  publication: Publication,
  { inputs }: World,
  signal: AbortSignal,
  decide: (book: AlertBook) => BookDraft | undefined,
): Promise<void> {
  for (;;) {
    const draft = decide(publication.state.books?.alerts ?? EMPTY_BOOK);
    if (draft === undefined) return;
    const { book, event, subject } = draft;
    const change = { statuses: new Map(), events: [event], books: { alerts: book }, subject, trailers: [] };
    if (await publication.push(change, signal)) return;
    await publication.refresh(inputs, signal);
  }
}
