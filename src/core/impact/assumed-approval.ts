import type { Documents, Sourced } from "../documents/kinds.ts";
import type { Exception } from "../documents/waiver.ts";
import type { Instant } from "../model/instant.ts";
import type { Sha256 } from "../ports/runtime.ts";
import { digestOf } from "../reviews/digest.ts";
import { reviewsCount } from "../reviews/guard.ts";
import type { StateFacts } from "../state/facts.ts";
import { EMPTY_REVIEWS, type ReviewFact } from "../state/review-book.ts";
import { isSame } from "./differences.ts";

/** Documents with the records that they are judged by. */
export interface Judged {
  readonly documents: Documents;
  readonly state: StateFacts;
}

interface Change {
  readonly before: Documents;
  readonly after: Documents;
  readonly now: Instant;
  readonly sha256: Sha256;
}

/**
 * The documents and the records as they would be once another person has approved the change: its exceptions, those
 * that are new or say something else, count. What is known of the others stays, and one that its own requester
 * approved is void all the same.
 */
export function asIfApproved(state: StateFacts, { before, after, now, sha256 }: Change): Judged {
  const changed = [...after.exceptions].filter(
    ([name, { document }]) => !isSame(before.exceptions.get(name)?.document.spec, document.spec),
  );
  if (changed.length === 0) return { documents: after, state };
  if (!reviewsCount(after.settings?.document.spec)) {
    const exceptions = new Map(after.exceptions);
    for (const [name, source] of changed) exceptions.set(name, signed(source));
    return { documents: { ...after, exceptions }, state };
  }
  const reviews = state.books?.reviews ?? EMPTY_REVIEWS;
  const assumed = changed.map(([, source]) => [digestOf(source.document, sha256), verdictOn(source, now)]);
  const exceptions = { ...reviews.exceptions, ...Object.fromEntries(assumed) };
  return {
    documents: after,
    state: { ...state, books: { ...state.books, reviews: { ...reviews, exceptions } } },
  };
}

/** Without a forge the documents say who approved them. */
function signed(source: Sourced<Exception>): Sourced<Exception> {
  const { document } = source;
  if (document.spec.approvedBy !== undefined) return source;
  const approvedBy = `somebody else than ${document.spec.requestedBy}`;
  return { ...source, document: { ...document, spec: { ...document.spec, approvedBy } } };
}

function verdictOn({ document, file, blob = "" }: Sourced<Exception>, at: Instant): ReviewFact {
  return {
    document: `Exception ${document.metadata.name}`,
    verdict: "approved",
    reason: "the change that brings it is taken as approved",
    settled: false,
    at,
    commit: "",
    file,
    blob,
    approvers: [],
  };
}
