import type { AuditEvent } from "../audit/entry.ts";
import type { Documents } from "../documents/kinds.ts";
import type { Exception } from "../documents/waiver.ts";
import { type Instant, parseInstant } from "../model/instant.ts";
import type { Sha256 } from "../ports/runtime.ts";
import type { ReviewBook, ReviewFact } from "../state/review-book.ts";
import { digestOf } from "./digest.ts";
import { reviewsCount } from "./guard.ts";
import { isLast, isNews, type Question, reviewEvent } from "./question.ts";

/** What is on record about exactly this document, wherever it stands. */
export function verdictOn(
  exception: Exception,
  book: ReviewBook | undefined,
  sha256: Sha256,
): ReviewFact | undefined {
  return book?.exceptions?.[digestOf(exception, sha256)];
}

/** The exceptions that the forge should be asked about: nothing settled is known of them, and they have not ended. */
export function exceptionQuestions(
  documents: Documents,
  book: ReviewBook | undefined,
  now: Instant,
  sha256: Sha256,
): readonly Question[] {
  if (!reviewsCount(documents.settings?.document.spec)) return [];
  return [...documents.exceptions.values()].flatMap(({ document, file }): Question[] => {
    const { name } = document.metadata;
    const { expiresAt, requestedBy, approvedBy } = document.spec;
    const end = parseInstant(expiresAt);
    const verdict = verdictOn(document, book, sha256);
    if (end === undefined || end <= now || isLast(verdict, now)) return [];
    return [
      {
        id: digestOf(document, sha256),
        document: `Exception ${name}`,
        part: { kind: "Exception", name, file, fields: [["spec"]] },
        isNew: verdict === undefined,
        declared: approvedBy === undefined ? { requestedBy } : { requestedBy, approvedBy },
      },
    ];
  });
}

/**
 * The verdicts on record with what the forge says now. The last word on a document is never replaced, and forgotten only
 * with the document: who writes it again needs an approval again. `present` has all documents; absent: some are invalid.
 */
export function learnExceptions(
  known: ReviewBook["exceptions"],
  answers: ReadonlyMap<string, ReviewFact>,
  inputs: string,
  now: Instant,
  present?: ReadonlySet<string>,
): { readonly exceptions: ReviewBook["exceptions"]; readonly events: readonly AuditEvent[] } {
  const news = [...answers].filter(
    ([digest, answer]) => !isLast(known?.[digest], now) && isNews(known?.[digest], answer),
  );
  const gone = Object.entries(known ?? {}).filter(([digest]) => present?.has(digest) === false);
  if (news.length + gone.length === 0) return { exceptions: known, events: [] };
  const kept = Object.entries(known ?? {}).filter(([digest]) => present?.has(digest) !== false);
  return {
    exceptions: Object.fromEntries([...kept, ...news]),
    events: [
      ...news.map(([, answer]) => reviewEvent(answer, inputs, now)),
      ...gone.map(([, { document, verdict }]) => forgotten(document, verdict, inputs, now)),
    ],
  };
}

/** Digests of the exceptions that these documents have. */
export function digestsOf({ exceptions }: Documents, sha256: Sha256): ReadonlySet<string> {
  return new Set([...exceptions.values()].map(({ document }) => digestOf(document, sha256)));
}

function forgotten(document: string, verdict: string, inputs: string, time: Instant): AuditEvent {
  return { time, event: "review.forgotten", inputs, detail: { document, verdict } };
}
