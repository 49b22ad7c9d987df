import {
  DEFAULT_BRANCH,
  type HostedRepository,
  personAt,
  refreshPull,
  type StoredPull,
  setState,
  webFlowAt,
} from "./hosted-repository.ts";

/** `queue`: GitHub's merge queue makes the commit, `pushed`: somebody pushed the branch's own commits to the base. */
export type MergeMethod = "merge" | "squash" | "rebase" | "queue" | "pushed";

/** Merges a pull request as GitHub does. Gives the newest commit of the base then; rejects where they conflict. */
export async function mergePull(
  repository: HostedRepository,
  pull: StoredPull,
  by: string,
  method: MergeMethod,
): Promise<string> {
  await refreshPull(repository, pull);
  const issue = repository.issues[pull.number - 1];
  if (issue === undefined || issue.state === "closed") throw new Error(`#${pull.number} is not open`);
  const { git } = repository;
  const ref = `refs/heads/${pull.base}`;
  const before = await git.git("rev-parse", ref);
  const landed = await landing(repository, pull, method, {
    by,
    before,
    title: issue.title,
    author: issue.author,
  });
  const commit = landed.at(-1) ?? before;
  await git.git("update-ref", ref, commit, before);
  const at = repository.now();
  Object.assign(pull, {
    landed,
    mergedAt: at,
    mergedBy: method === "queue" ? "github-merge-queue[bot]" : by,
    mergeCommit: commit,
  });
  setState(repository, issue, "closed", null);
  const type = method === "pushed" ? "push" : "pr_merge";
  repository.activities.push({ id: repository.nextId(), ref, before, after: commit, at, actor: by, type });
  return commit;
}

interface Landing {
  readonly by: string;
  readonly before: string;
  readonly title: string;
  readonly author: string;
}

async function landing(
  repository: HostedRepository,
  pull: StoredPull,
  method: MergeMethod,
  { by, before, title, author }: Landing,
): Promise<readonly string[]> {
  const { git } = repository;
  const at = repository.now();
  if (method === "pushed") return pull.commits;
  const base = await git.git("merge-base", before, pull.head);
  if (method === "rebase") return rebased(repository, pull, by, before);
  const tree = await git.merged(base, before, pull.head);
  const isSquash = method === "squash";
  const parents = isSquash ? [before] : [before, pull.head];
  const message = isSquash
    ? `${title} (#${pull.number})`
    : `Merge pull request #${pull.number} from ${pull.from.split("/")[0]}/${pull.branch}\n\n${title}`;
  const commit = await git.commitTree(tree, parents, message, {
    author: personAt(method === "queue" ? "github-merge-queue[bot]" : isSquash ? author : by, at),
    committer: webFlowAt(at),
  });
  repository.signed.add(commit);
  return [commit];
}

async function rebased(
  repository: HostedRepository,
  pull: StoredPull,
  by: string,
  before: string,
): Promise<readonly string[]> {
  const { git } = repository;
  const landed: string[] = [];
  for (const sha of pull.commits) {
    const [commit] = await git.log("-1", sha);
    if (commit === undefined) throw new Error(`there is no ${sha}`);
    const onto = landed.at(-1) ?? before;
    const tree = await git.merged(commit.parents[0] ?? before, onto, sha);
    const who = { author: commit.author, committer: personAt(by, repository.now()) };
    landed.push(await git.commitTree(tree, [onto], commit.message, who));
  }
  return landed;
}

/** Commits of the default branch that a pull request brought there. */
export function broughtBy(pull: StoredPull, commit: string): boolean {
  const brings = [pull.mergeCommit, ...pull.landed, ...pull.commits];
  return pull.base === DEFAULT_BRANCH ? brings.includes(commit) : pull.commits.includes(commit);
}
