import type { IssueScope } from "../../core/issues/issues-input.ts";
import type { IssueBook } from "../../core/state/issue-book.ts";
import { bookPath } from "../../core/state/layout.ts";
import { sameValue } from "../../core/state/same-facts.ts";
import type { Errand } from "../assign.ts";
import type { People } from "../ports.ts";
import type { Publication } from "../publication.ts";
import type { ReportLine } from "../run-report.ts";
import { failureOf, type World } from "../world.ts";
import { type Desk, keepIssues } from "./issue-desk.ts";
import type { Publisher } from "./publisher.ts";

/** Runs in a row without the forge after which a run counts as failed. */
const FAILING_RUNS = 3;

/**
 * Keeps the forge's issues as the findings are. A run about a few credentials tells their emergencies only. What was
 * done is committed at the end: a run that dies before finds its issues again by their markers.
 */
export const publishIssues: Publisher = async (world, publication, people, errand, signal) => {
  const { unreadable = [], books } = publication.state;
  const path = bookPath("issues");
  if (unreadable.some((file) => file.path === path)) {
    // Without it a run would not know which issues people want closed.
    const text = `issues: ${path} cannot be read, so the issues are left as they are. Fix: bring it back on the state branch by a commit`;
    return [{ level: "error", text }];
  }
  const book: IssueBook = books?.issues ?? { schemaVersion: 1 };
  const desk = await deskOf(world, people, scopeOf(world, errand), book, signal);
  if (desk === undefined) return [];
  const { failedRuns: before = 0, ...rest } = desk.book;
  const failedRuns = desk.failed ? Math.min(FAILING_RUNS, before + 1) : 0;
  const after: IssueBook = failedRuns === 0 ? rest : { ...rest, failedRuns };
  if (!sameValue(book, after)) await pushBook(world, publication, after, signal);
  return failedRuns < FAILING_RUNS ? desk.lines : desk.lines.map(asFailure);
};

function asFailure({ level, text }: ReportLine): ReportLine {
  return { level: level === "warning" ? "error" : level, text };
}

/** Undefined: there is no forge. */
async function deskOf(
  world: World,
  people: People,
  scope: IssueScope,
  book: IssueBook,
  signal: AbortSignal,
): Promise<Desk | undefined> {
  try {
    const forge = await people.forge();
    return forge === undefined ? undefined : await keepIssues(world, people, forge, { scope, book }, signal);
  } catch (error) {
    const lines: readonly ReportLine[] = [{ level: "warning", text: `issues: ${failureOf(error).message}` }];
    return { book, lines, failed: true };
  }
}

function scopeOf({ inputs }: World, { only, explicit }: Errand): IssueScope {
  if (only !== undefined || explicit !== undefined) {
    return {
      of: "emergencies",
      credentials: only ?? new Set(explicit === undefined ? [] : [explicit.credential]),
    };
  }
  const problems = inputs.problems.length;
  return problems === 0 ? { of: "everything" } : { of: "valid-documents", problems };
}

async function pushBook(
  { inputs }: World,
  publication: Publication,
  issues: IssueBook,
  signal: AbortSignal,
): Promise<void> {
  const draft = { statuses: new Map(), events: [], books: { issues }, subject: "issues: kept", trailers: [] };
  // What another run noted meanwhile is found again at the forge.
  while (!(await publication.push(draft, signal))) await publication.refresh(inputs, signal);
}
