import type { AuditEvent } from "../audit/entry.ts";
import { epochSeconds, type Instant, secondsBetween } from "../model/instant.ts";
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
  /** Nothing is on record about it yet. */
  readonly isNew: boolean;
}

/**
 * The order in which the forge is asked: what is new first, and of the rest another one first at another time. A run has
 * little time for it, and whatever nobody approves must not keep the others from being asked about.
 */
export function inTurn(questions: readonly Question[], now: Instant): readonly Question[] {
  const { fresh = [], known = [] } = Object.groupBy(questions, ({ isNew }) => (isNew ? "fresh" : "known"));
  const first = known.length === 0 ? 0 : scattered(epochSeconds(now)) % known.length;
  return [...fresh, ...known.slice(first), ...known.slice(0, first)];
}

/** A number that the times of a schedule do not share a factor with. */
function scattered(seconds: number): number {
  return Math.imul(seconds, 0x9e37_79b1) >>> 8;
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

/**
 * Whether this is the last word. That a commit came without a change is believed after a day: a forge may know a commit
 * some time before it knows the change that brought it.
 */
export function isLast(fact: ReviewFact | undefined, now: Instant): boolean {
  if (fact?.settled !== true) return false;
  return fact.change !== undefined || secondsBetween(fact.at, now) >= BELIEVED_AFTER;
}

/** Seconds. */
const BELIEVED_AFTER = 86_400;

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
