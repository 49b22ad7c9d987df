import { CreError } from "../../core/model/errors.ts";
import { type Instant, instantOf, parseInstant } from "../../core/model/instant.ts";
import type { Git } from "./git.ts";
import { isAncestor, isShallow, resolveCommit } from "./objects.ts";

/** One moment of the past. */
export interface AsOf {
  /** The clock of then. */
  readonly instant: Instant;
  /** Commit of the documents that were in force. */
  readonly documents: string;
  /** Commit of the records; undefined: there were none yet. */
  readonly state: string | undefined;
}

/**
 * `--as-of COMMIT|INSTANT`. An instant takes on each branch the last commit at or before it; a commit stands for its
 * own instant, and for itself on the branch it belongs to. Rejects with a CreError when there was nothing at that time,
 * or when a shallow clone cannot know.
 */
export async function resolveAsOf(
  git: Git,
  text: string,
  documentsRef: string,
  stateRef: string | undefined,
): Promise<AsOf> {
  const named = parseInstant(text);
  const commit = named === undefined ? await resolveCommit(git, text) : undefined;
  if (named === undefined && commit === undefined) {
    throw new CreError("as-of", `--as-of ${text}: neither an instant nor a commit of this repository`, {
      fix: "give 2026-11-23, 2026-11-23T00:00:00Z, a commit id, a tag or a branch; in a shallow clone: git fetch --unshallow",
    });
  }
  const instant = named ?? (await committedAt(git, commit ?? ""));
  const ofState = commit !== undefined && stateRef !== undefined && (await isOn(git, commit, stateRef));
  const isDocuments = commit !== undefined && (!ofState || (await isOn(git, commit, documentsRef)));
  const documents = isDocuments ? commit : await lastAt(git, instant, documentsRef);
  if (documents === undefined) {
    throw new CreError("as-of", `there were no documents at ${instant}`, {
      evidence: `${documentsRef} has no commit at or before that time`,
      fix: "give a later time",
    });
  }
  const state = ofState ? commit : stateRef === undefined ? undefined : await lastAt(git, instant, stateRef);
  return { instant, documents, state };
}

/** The last commit of the first-parent line at or before an instant; undefined: the branch is younger. */
async function lastAt(git: Git, instant: Instant, ref: string): Promise<string | undefined> {
  const seconds = Date.parse(instant) / 1000;
  const found = await git.text(["rev-list", "-1", "--first-parent", `--before=@${seconds}`, ref, "--"]);
  if (found !== "") return found;
  if (!(await isShallow(git))) return undefined;
  throw new CreError("shallow", `this clone does not know what stood on ${ref} at ${instant}`, {
    evidence: "it is a shallow clone: the older history was not fetched",
    fix: "run: git fetch --unshallow (in a workflow: fetch-depth: 0)",
  });
}

async function committedAt(git: Git, commit: string): Promise<Instant> {
  return instantOf(Number(await git.text(["log", "-1", "--no-patch", "--format=%ct", commit, "--"])));
}

async function isOn(git: Git, commit: string, ref: string): Promise<boolean> {
  return await isAncestor(git, commit, ref);
}
