import type { Instant } from "../model/instant.ts";
import { isSameLogin, loginOf } from "../model/login.ts";
import type { Review, ReviewedChange } from "../ports/forge.ts";
import type { ReviewFact } from "../state/review-book.ts";

/** What a document says about its own approval. */
export interface Declared {
  readonly requestedBy?: string;
  readonly approvedBy?: string;
}

export type Judgement = Pick<
  ReviewFact,
  "verdict" | "reason" | "settled" | "approvers" | "reviewed" | "approvedAt"
>;

/** A person's last word on a change. */
interface LastWord {
  readonly by: string;
  readonly review: Review;
}

/**
 * Whether another person approved what a change brought, exactly as it was merged. `isSame` says of a commit of the
 * change whether it has the document as it was merged: an approval is of what stood there when it was given.
 */
export function judge(
  change: ReviewedChange | undefined,
  declared: Declared,
  isSame: (commit: string) => boolean,
): Judgement {
  if (change === undefined) {
    return invalid("it was pushed to the default branch without a change that others could review", true);
  }
  const number = `#${change.number}`;
  const { mergedAt } = change;
  if (mergedAt === undefined) return invalid(`${number}, which brings it, is not merged`, false);
  if (change.hasUnknownContributor || isNobody(change.author)) {
    return invalid(
      `some work in ${number} is by somebody whose login the forge does not know, so nobody can be ruled out as its author`,
      true,
    );
  }
  const words = lastWords(change.reviews);
  const approvals = words.filter(({ review }) => review.state === "approved");
  if (approvals.length === 0) return invalid(nobody(number, words), false);
  const others = approvals.filter(({ by }) => whyRuledOut(by, change, declared) === undefined);
  if (others.length === 0) return selfApproved(approvals, change, declared);
  const bound = others.filter(({ review }) => isSame(review.commit));
  if (bound.length === 0) return invalid(outdated(others, number), false);
  const { approvedBy } = declared;
  const counting = approvedBy === undefined ? bound : bound.filter(({ by }) => isSameLogin(by, approvedBy));
  const [first] = counting.toSorted((a, b) => (a.review.at < b.review.at ? -1 : 1));
  if (first === undefined) {
    return invalid(`it names ${approvedBy} as its approver, but ${list(bound)} approved ${number}`, false);
  }
  return {
    verdict: "approved",
    reason: `${list(counting)} approved ${number}`,
    settled: true,
    approvers: counting.map(({ by }) => by),
    reviewed: first.review.commit,
    approvedAt: later(first.review.at, mergedAt),
  };
}

function invalid(reason: string, settled: boolean): Judgement {
  return { verdict: "void", reason, settled, approvers: [] };
}

/** A comment takes nothing back; a dismissal and a request for changes do. */
function lastWords(reviews: readonly Review[]): readonly LastWord[] {
  const last = new Map<string, LastWord>();
  for (const review of reviews) {
    if (review.state !== "commented") last.set(loginOf(review.by), { by: review.by, review });
  }
  return [...last.values()];
}

function nobody(number: string, words: readonly LastWord[]): string {
  const told = words.map(({ by, review }) =>
    review.state === "dismissed" ? `the approval of ${by} was dismissed` : `${by} asked for changes`,
  );
  return `nobody approved ${number}${told.length === 0 ? "" : ` (${told.join(", ")})`}`;
}

/** Accounts that are gone are one and the same to the forge. */
function isNobody(login: string): boolean {
  return ["", "ghost"].includes(loginOf(login));
}

/** Why an approval of this account is not that of another person; undefined: it is. */
function whyRuledOut(
  by: string,
  { author, contributors }: ReviewedChange,
  { requestedBy }: Declared,
): string | undefined {
  if (isSameLogin(by, author)) return "who opened it";
  if (contributors.some((login) => isSameLogin(by, login))) return "whose own work is in it";
  if (requestedBy !== undefined && isSameLogin(by, requestedBy)) return "who asks for it";
  return isPerson(by) ? undefined : "which is no person";
}

function isPerson(login: string): boolean {
  return !isNobody(login) && !loginOf(login).endsWith("[bot]");
}

function selfApproved(approvals: readonly LastWord[], change: ReviewedChange, declared: Declared): Judgement {
  const told = approvals.map(({ by }) => `${by}, ${whyRuledOut(by, change, declared)}`).join(", and ");
  const reason = `only ${told}, approved #${change.number}`;
  const verdict = approvals.some(({ by }) => isPerson(by)) ? "self-approved" : "void";
  return { verdict, reason, settled: false, approvers: [] };
}

function outdated(others: readonly LastWord[], number: string): string {
  const told = others.map(({ by, review }) => `${by} at ${review.commit.slice(0, 10)}`).join(", ");
  return `${number} was approved (${told}) before this document was changed in it`;
}

function list(words: readonly LastWord[]): string {
  return words.map(({ by }) => by).join(", ");
}

function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}
