import type { ReviewedChange } from "../../../core/ports/forge.ts";
import { listOf, maybeText, numberOf, textOf } from "./answers.ts";
import type { Asked, GithubApi } from "./api.ts";
import { commitOf, lineOf, PAGES, type ShownCommit } from "./commits.ts";
import { type Pull, pullAt } from "./pull.ts";
import { pushersOf } from "./pushers.ts";
import { reviewsOf } from "./reviews.ts";

/**
 * The pull request through which a commit came to the default branch. GitHub's own word for it is held against the
 * commits: a branch may hold the same commit that somebody then pushed past it.
 */
export async function changeOf(
  api: GithubApi,
  commit: string,
  defaultBranch: string,
  signal: AbortSignal,
): Promise<ReviewedChange | undefined> {
  const asked: Asked = {
    method: "GET",
    path: "/commits/{commit_sha}/pulls",
    action: `ask which pull request brought ${commit}`,
    permission: "Pull requests: read",
    fields: { commit_sha: commit },
  };
  const numbers = await api.list(asked, signal, (data) =>
    listOf(data).flatMap((one) => {
      const isMerged = maybeText(one, "merged_at") !== undefined;
      return isMerged && textOf(one, "base", "ref") === defaultBranch ? [numberOf(one, "number")] : [];
    }),
  );
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const pull = await pullAt(api, number, signal);
    const commits = await commitsOf(api, number, signal);
    if (await brought(api, pull, commits, commit, signal)) return reviewed(api, pull, commits, signal);
  }
  return undefined;
}

async function commitsOf(
  api: GithubApi,
  number: number,
  signal: AbortSignal,
): Promise<readonly ShownCommit[]> {
  const asked: Asked = {
    method: "GET",
    path: "/pulls/{pull_number}/commits",
    action: `list the commits of the pull request #${number}`,
    permission: "Pull requests: read",
    fields: { pull_number: number },
  };
  return api.list(asked, signal, (data) => listOf(data).map(commitOf));
}

/**
 * Whether the pull request brought the commit: it is what the merge made, or a commit of the branch that came along
 * with a merge commit or was pushed to the base as it is, or what a rebase made of one of them.
 */
async function brought(
  api: GithubApi,
  { mergeCommit, size }: Pull,
  commits: readonly ShownCommit[],
  commit: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (mergeCommit === undefined) return false;
  if (mergeCommit === commit) return true;
  if (commits.some(({ sha }) => sha === mergeCommit)) return commits.some(({ sha }) => sha === commit);
  const line = await lineOf(api, mergeCommit, Math.min(size, commits.length), signal);
  const [newest] = line;
  if (newest === undefined) return false;
  if (newest.parents.length > 1) return commits.some(({ sha }) => sha === commit);
  // A rebase: one commit after the other, each the copy of one of the branch. A squash has one alone.
  const index = line.findIndex(({ sha }) => sha === commit);
  return (
    index > 0 &&
    line.slice(0, index + 1).every(({ outline, parents }, position) => {
      return parents.length === 1 && outline === commits.at(-1 - position)?.outline;
    })
  );
}

async function reviewed(
  api: GithubApi,
  pull: Pull,
  commits: readonly ShownCommit[],
  signal: AbortSignal,
): Promise<ReviewedChange> {
  const reviews = await reviewsOf(api, pull.number, signal);
  const pushers = await pushersOf(api, pull, signal);
  const people = commits.flatMap((commit) => commit.people);
  // Anybody can write that GitHub's pages made a commit. Without its signature only the pushers tell who it was.
  const isForged = commits.some(({ people: of, isMadeByPages }) => of.includes(PAGES) && !isMadeByPages);
  const logins = [...people, ...(pushers ?? [])].filter((login) => login !== undefined && login !== PAGES);
  const { number, url, author, head, mergedAt, mergedBy } = pull;
  return {
    number,
    url,
    author,
    head,
    mergedAt,
    mergedBy,
    // The filter above leaves no gaps.
    contributors: [...new Set(logins.filter((login): login is string => login !== undefined))].toSorted(),
    hasUnknownContributor:
      people.includes(undefined) ||
      pushers?.includes(undefined) === true ||
      (isForged && pushers === undefined) ||
      commits.length < pull.size,
    reviews,
  };
}
