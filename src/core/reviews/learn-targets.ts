import type { AuditEvent } from "../audit/entry.ts";
import type { Documents } from "../documents/kinds.ts";
import type { Instant } from "../model/instant.ts";
import type { Sha256 } from "../ports/runtime.ts";
import type { ReviewBook, ReviewFact, TargetFact } from "../state/review-book.ts";
import { guardOf } from "./guard.ts";
import { isLast, isNews, type Question, reviewEvent } from "./question.ts";
import { standing, underTodaysNames, wordsOf } from "./target-standing.ts";
import { sharedKeysOf, type Target, targetsOf } from "./targets.ts";

export interface TargetInput {
  readonly documents: Documents;
  /** Commit of the documents. */
  readonly commit: string;
  readonly now: Instant;
  readonly sha256: Sha256;
}

type Targets = NonNullable<ReviewBook["targets"]>;

/** What the forge should be asked: changes that are not known to be approved, and what those now lead to. */
export function targetQuestions(book: ReviewBook | undefined, input: TargetInput): readonly Question[] {
  const { documents, sha256, now } = input;
  const recorded = book?.targets;
  if (recorded === undefined || guardOf(documents.settings?.document.spec)?.approval !== true) return [];
  const { targets: known } = underTodaysNames(recorded, documents);
  const targets = targetsOf(documents, sha256);
  const wanted = new Map<string, ReviewFact | undefined>();
  for (const [key, target] of targets) {
    const fact = known[key];
    if (fact === undefined || fact.accepted.digest === target.digest) continue;
    const pending = fact.pending?.digest === target.digest ? fact.pending : undefined;
    if (!isLast(pending?.review, now)) wanted.set(key, pending?.review);
    for (const shared of newlyUsed(target, documents)) {
      const asked = known[shared]?.asked;
      if (known[shared]?.unreviewed === true && !isLast(asked, now)) wanted.set(shared, asked);
    }
  }
  return [...wanted].flatMap(([key, said]): Question[] => {
    const part = targets.get(key)?.part;
    return part === undefined
      ? []
      : [{ id: key, document: key, part, declared: {}, isNew: said === undefined }];
  });
}

function newlyUsed({ part }: Target, documents: Documents): readonly string[] {
  const document = documents.credentials.get(part.name)?.document;
  return part.kind !== "Credential" || document === undefined ? [] : sharedKeysOf(document, documents);
}

/**
 * The record of targets after a look at these documents, with what the forge said: what is new is in force as it is,
 * a change waits until another person approved it and it has rested, one that was taken back is forgotten.
 */
export function learnTargets(
  known: Targets | undefined,
  input: TargetInput,
  answers: ReadonlyMap<string, ReviewFact>,
): { readonly targets: Targets | undefined; readonly events: readonly AuditEvent[] } {
  const { documents, commit, now, sha256 } = input;
  const guard = guardOf(documents.settings?.document.spec);
  if (guard === undefined) return { targets: known, events: [] };
  const { targets: named, moved } = underTodaysNames(known ?? {}, documents);
  const targets: Record<string, TargetFact> = { ...named };
  const events: AuditEvent[] = [];
  const tell = (
    event: string,
    { key, part }: Target,
    detail: Readonly<Record<string, unknown>> = {},
  ): void => {
    const about = part.kind === "Credential" ? { credential: part.name } : {};
    events.push({ time: now, event, ...about, inputs: commit, detail: { document: key, ...detail } });
  };
  // Committed at once: the document need not say its former name for ever.
  for (const [key, former] of moved) {
    const credential = key.split(" ")[1] ?? "";
    events.push({
      time: now,
      event: "target.renamed",
      credential,
      inputs: commit,
      detail: { document: key, former },
    });
  }
  const firstSeen: string[] = [];
  const changed: Target[] = [];
  for (const target of targetsOf(documents, sha256).values()) {
    const before = targets[target.key];
    if (before === undefined) {
      firstSeen.push(target.key);
      targets[target.key] = firstFact(target, known !== undefined && guard.approval, commit);
      continue;
    }
    const answered = withAnswers(target, before, answers.get(target.key), input, tell, events);
    const isSame = moved.has(target.key) && answered.pending === undefined;
    // From here on it is found under its new name.
    const after = isSame ? { ...answered, accepted: { digest: target.digest, commit } } : answered;
    targets[target.key] = after;
    if (after.pending !== undefined) changed.push(target);
  }
  for (const target of changed) {
    const fact = targets[target.key];
    if (fact === undefined || standing(target, fact, targets, guard, input) !== undefined) continue;
    targets[target.key] = acceptedNow(target, fact, commit);
    const { review } = fact.pending ?? {};
    tell("target.accepted", target, {
      since: fact.pending?.since,
      ...(review?.change === undefined ? {} : { change: review.change.number, approvers: review.approvers }),
    });
  }
  if (firstSeen.length > 0) {
    const detail = { count: firstSeen.length, documents: firstSeen.toSorted().slice(0, 20) };
    events.push({ time: now, event: "target.recorded", inputs: commit, detail });
  }
  return { targets, events };
}

/** What comes beside targets that are known is nothing that an older credential may be switched to unreviewed. */
function firstFact({ digest, part }: Target, isLater: boolean, commit: string): TargetFact {
  const accepted = { digest, commit };
  return isLater && part.kind !== "Credential" ? { accepted, unreviewed: true } : { accepted };
}

/** The fact with the present form as what waits, and with what the forge said of it. */
function withAnswers(
  target: Target,
  before: TargetFact,
  answer: ReviewFact | undefined,
  { commit, now }: TargetInput,
  tell: (event: string, target: Target, detail?: Readonly<Record<string, unknown>>) => void,
  events: AuditEvent[],
): TargetFact {
  const { pending: _, ...settled } = before;
  if (before.accepted.digest === target.digest) {
    if (before.pending !== undefined) tell("target.restored", target);
    return before.unreviewed === true ? withAnswerOnFirst(settled, answer, commit, now, events) : settled;
  }
  let pending = before.pending;
  if (pending?.digest !== target.digest) {
    pending = { digest: target.digest, since: now };
    tell("target.changed", target, { what: wordsOf(target.key), file: target.part.file });
  }
  if (answer !== undefined && isNews(pending.review, answer)) {
    events.push(reviewEvent(answer, commit, now));
    pending = { ...pending, review: answer };
  }
  return { ...settled, pending };
}

function withAnswerOnFirst(
  fact: TargetFact,
  answer: ReviewFact | undefined,
  commit: string,
  now: Instant,
  events: AuditEvent[],
): TargetFact {
  if (answer === undefined || !isNews(fact.asked, answer)) return fact;
  events.push(reviewEvent(answer, commit, now));
  return answer.verdict === "approved" ? { accepted: fact.accepted } : { ...fact, asked: answer };
}

function acceptedNow(
  { digest }: Target,
  { unreviewed: _u, asked: _a, pending: _p }: TargetFact,
  commit: string,
): TargetFact {
  return { accepted: { digest, commit } };
}
