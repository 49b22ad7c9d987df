import type { Forge, ReviewedChange } from "../core/ports/forge.ts";
import type { DocumentPart, PartOrigin } from "../core/reviews/document-part.ts";
import { answerTo, type Question } from "../core/reviews/question.ts";
import type { ReviewFact } from "../core/state/review-book.ts";
import type { People } from "./ports.ts";
import type { ReportLine } from "./run-report.ts";
import { failureOf, type World } from "./world.ts";

/** Seconds for one question to the forge, and for all of a run: it rotates in time, whatever the forge does. */
const ONE_SECONDS = 30;
const ALL_SECONDS = 120;
/** A forge that fails so often in a row is not asked any more by this run. */
const MOST_FAILURES = 3;

/**
 * Asks the forge who approved what brought each part. Answers go into `answers`; what it cannot say now is asked again
 * by the next run, and told. Never rejects because of the forge.
 */
export async function askForge(
  questions: readonly Question[],
  answers: Map<string, ReviewFact>,
  world: World,
  people: People,
  signal: AbortSignal,
): Promise<readonly ReportLine[]> {
  const { commit } = world.inputs;
  if (questions.length === 0 || commit === undefined) return [];
  const all = AbortSignal.any([signal, world.ports.timeLimit(ALL_SECONDS)]);
  try {
    const forge = await people.forge();
    if (forge === undefined) return [];
    const parts = questions.map(({ part }) => part);
    const origins = await world.ports.store.originsOf(parts, commit, all);
    const desk = reviewDesk(forge, world, all);
    let why = "the history of this repository does not tell which commit brought it";
    let failures = 0;
    for (const [index, question] of questions.entries()) {
      const origin = origins[index];
      if (origin === undefined) continue;
      try {
        answers.set(question.id, await desk(question, origin));
        failures = 0;
      } catch (error) {
        why = failureOf(error).message;
        failures += 1;
        // What is wrong with one question is no reason not to ask the others.
        if (all.aborted || failures === MOST_FAILURES) break;
      }
    }
    if (signal.aborted || questions.every(({ id }) => answers.has(id))) return [];
    return [unasked(questions, answers, why)];
  } catch (error) {
    return signal.aborted ? [] : [unasked(questions, answers, failureOf(error).message)];
  }
}

function unasked(
  questions: readonly Question[],
  answers: ReadonlyMap<string, ReviewFact>,
  why: string,
): ReportLine {
  const open = questions.filter(({ id }) => !answers.has(id)).map(({ document }) => document);
  const names =
    open.length > 3 ? `${open.slice(0, 3).join(", ")} and ${open.length - 3} more` : open.join(", ");
  const text = `nobody can say yet who approved ${names}, which waits until then: ${why}`;
  return { level: "warning", text };
}

/** One question after the other; a change and a file are asked for once. */
function reviewDesk(forge: Forge, { ports }: World, signal: AbortSignal) {
  const changes = new Map<string, Promise<ReviewedChange | undefined>>();
  const files = new Map<string, ReturnType<Forge["fileAt"]>>();
  const limited = (): AbortSignal => AbortSignal.any([signal, ports.timeLimit(ONE_SECONDS)]);
  const fileAt = (commit: string, path: string): ReturnType<Forge["fileAt"]> =>
    remembered(files, `${commit} ${path}`, () => forge.fileAt(commit, path, limited()));
  return async (question: Question, origin: PartOrigin): Promise<ReviewFact> => {
    const change = await remembered(changes, origin.commit, () => forge.changeOf(origin.commit, limited()));
    const same = new Set<string>();
    const approved = change?.reviews.filter(({ state }) => state === "approved") ?? [];
    for (const commit of new Set(approved.map((review) => review.commit))) {
      const file = await fileAt(commit, origin.file);
      if (file !== undefined && isSame(file, origin, question.part)) same.add(commit);
    }
    return answerTo(question, origin, change, (commit) => same.has(commit), ports.clock.now());
  };

  /** The same file, or at least one in which this part says the same. */
  function isSame(
    file: { readonly blob: string; readonly text: string },
    { name, blob, said }: PartOrigin,
    { kind, fields }: DocumentPart,
  ): boolean {
    return file.blob === blob || ports.store.saidIn(file.text, { kind, name, fields }) === said;
  }
}

function remembered<T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const before = known.get(key);
  if (before !== undefined) return before;
  const asked = ask();
  known.set(key, asked);
  return asked;
}
