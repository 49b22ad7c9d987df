import type { AuditEvent } from "../audit/entry.ts";
import type { Instant } from "../model/instant.ts";
import type { ReviewedChange } from "../ports/forge.ts";
import type { ReviewFact } from "../state/review-book.ts";
import type { DocumentPart, PartOrigin } from "./document-part.ts";
import { type Declared, judge } from "./judge.ts";

/** Whether another person approved a part of a document as it stands: a question for the forge. */
export interface Question {
  readonly id: string;
  /** What it is about, for people. */
  readonly document: string;
  readonly part: DocumentPart;
  readonly declared: Declared;
}

/** What is said about a question, once the forge told what it knows of the change. */
export function answerTo(
  { document, declared }: Question,
  origin: PartOrigin,
  change: ReviewedChange | undefined,
  isSame: (commit: string) => boolean,
  at: Instant,
): ReviewFact {
  const { commit, file, blob } = origin;
  return {
    document,
    ...judge(change, declared, isSame),
    at,
    commit,
    file,
    blob,
    ...(change === undefined
      ? {}
      : { change: { number: change.number, url: change.url, author: change.author } }),
  };
}

/** Whether this was not said before. */
export function isNews(before: ReviewFact | undefined, after: ReviewFact): boolean {
  return before === undefined || heart(before) !== heart(after);
}

function heart({ verdict, reason, commit, approvers }: ReviewFact): string {
  return JSON.stringify([verdict, reason, commit, approvers]);
}

/** For the trail: git alone is the evidence of who approved what. */
export function reviewEvent(fact: ReviewFact, inputs: string, time: Instant): AuditEvent {
  const { document, verdict, reason, commit, file, blob, change, approvers, reviewed } = fact;
  return {
    time,
    event: "review.seen",
    inputs,
    detail: {
      document,
      commit,
      file,
      blob,
      verdict,
      reason,
      ...(change === undefined ? {} : { change: change.number, url: change.url, author: change.author }),
      approvers,
      ...(reviewed === undefined ? {} : { reviewed }),
    },
  };
}
