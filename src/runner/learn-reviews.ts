import type { AuditEvent } from "../core/audit/entry.ts";
import { digestsOf, exceptionQuestions, learnExceptions } from "../core/reviews/exception-reviews.ts";
import { learnTargets, targetQuestions } from "../core/reviews/learn-targets.ts";
import { inTurn } from "../core/reviews/question.ts";
import { learnGuard, withSettingsInForce } from "../core/reviews/settings-in-force.ts";
import { cannotRead, wordsOf } from "../core/reviews/target-standing.ts";
import { EMPTY_REVIEWS, type ReviewBook, type ReviewFact } from "../core/state/review-book.ts";
import { askForge } from "./ask-forge.ts";
import { evaluateWorld } from "./load.ts";
import type { People } from "./ports.ts";
import type { Publication } from "./publication.ts";
import type { ReportLine } from "./run-report.ts";
import { lookAtTargets } from "./usable.ts";
import type { World } from "./world.ts";

/**
 * Asks the forge who approved what the documents now say, and commits its answers as facts before anything is decided;
 * the world is evaluated anew on them. Gives what a person should know about it.
 */
export async function learnReviews(
  world: World,
  publication: Publication,
  people: People,
  signal: AbortSignal,
): Promise<readonly ReportLine[]> {
  const { commit } = world.inputs;
  if (world.state.rewoundFrom !== undefined || commit === undefined) return [];
  const learnt = cannotRead(world.state) ? [] : await learn(world, publication, people, commit, signal);
  evaluateWorld(world, publication.state);
  await lookAtTargets(world, publication.state, signal);
  const refused = [...world.usable.refused].map(([credential, reason]): ReportLine => {
    return { level: "error", text: `${credential}: nothing is done with it: ${reason}`, credential };
  });
  return [...learnt, ...refused];
}

/** Decided again on every newer tip, without asking twice: what another run has settled meanwhile stays. */
async function learn(
  world: World,
  publication: Publication,
  people: People,
  commit: string,
  signal: AbortSignal,
): Promise<readonly ReportLine[]> {
  const { problems, documents: written } = world.inputs;
  const { clock, sha256 } = world.ports;
  const settings = written.settings?.document.spec;
  // Settings that cannot be read are not gone.
  const isGarbled = settings === undefined && problems.length > 0;
  // An exception that cannot be read is not gone.
  const present = problems.length === 0 ? digestsOf(written, sha256) : undefined;
  const answers = new Map<string, ReviewFact>();
  const asked = new Set<string>();
  const lines: ReportLine[] = [];
  for (;;) {
    const book = publication.state.books?.reviews ?? EMPTY_REVIEWS;
    const now = clock.now();
    const guard = isGarbled
      ? { guard: book.guard, events: [] }
      : learnGuard(book.guard, settings, commit, now);
    const documents = withSettingsInForce(written, book, now);
    const input = { documents, commit, now, sha256 };
    const open = [...targetQuestions(book, input), ...exceptionQuestions(documents, book, now, sha256)];
    const questions = inTurn(open, now).filter(({ id }) => !asked.has(id));
    for (const { id } of questions) asked.add(id);
    lines.push(...(await askForge(questions, answers, world, people, signal)));
    if (signal.aborted) return lines;
    const exceptions = learnExceptions(book.exceptions, onExceptions(answers), commit, now, present);
    const targets = learnTargets(book.targets, input, answers);
    const events = [...guard.events, ...exceptions.events, ...targets.events];
    if (events.length === 0) return lines;
    const { guard: _, ...others } = book;
    const reviews: ReviewBook = {
      ...others,
      ...(guard.guard === undefined ? {} : { guard: guard.guard }),
      ...(exceptions.exceptions === undefined ? {} : { exceptions: exceptions.exceptions }),
      ...(targets.targets === undefined ? {} : { targets: targets.targets }),
    };
    const subject = `reviews: ${subjectOf(events)}`;
    const draft = { statuses: new Map(), events, books: { reviews }, subject, trailers: [] };
    if (await publication.push(draft, signal)) return [...lines, ...events.flatMap(lineOf)];
    await publication.refresh(world.inputs, signal);
  }
}

function onExceptions(answers: ReadonlyMap<string, ReviewFact>): ReadonlyMap<string, ReviewFact> {
  return new Map([...answers].filter(([, { document }]) => document.startsWith("Exception ")));
}

function subjectOf(events: readonly AuditEvent[]): string {
  const [first] = events.flatMap(lineOf);
  if (first === undefined) {
    const isFirst = events.some(({ event }) => event === "target.recorded");
    return isFirst ? "targets recorded" : "in step with the documents";
  }
  return events.length === 1 ? first.text : `${first.text}, and ${events.length - 1} more`;
}

function lineOf({ event, detail = {} }: AuditEvent): readonly ReportLine[] {
  const document = String(detail["document"]);
  switch (event) {
    case "review.seen": {
      const counts = detail["verdict"] === "approved";
      const text = `${document} ${counts ? "is approved" : "is not approved"}: ${String(detail["reason"])}`;
      return [{ level: counts ? "info" : "warning", text }];
    }
    case "guard.loosened": {
      const text = `the settings now ask for less before a changed target is used: ${String(detail["to"])}; that is in force from ${String(detail["until"])}`;
      return [{ level: "warning", text }];
    }
    case "target.changed":
      return [{ level: "warning", text: `${wordsOf(document)} was changed, and what uses it is on hold` }];
    case "target.accepted":
      return [{ level: "info", text: `${wordsOf(document)}: the change is in force` }];
    case "target.restored":
      return [{ level: "info", text: `${wordsOf(document)}: the change was taken back` }];
    default:
      return [];
  }
}
