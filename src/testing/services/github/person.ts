import {
  addComment,
  addIssue,
  DEFAULT_BRANCH,
  type HostedRepository,
  type NewIssue,
  personAt,
  refreshPull,
  type StoredIssue,
  type StoredPull,
  type StoredReview,
  setState,
} from "./hosted-repository.ts";
import { type MergeMethod, mergePull } from "./merging.ts";

export interface PersonsPush {
  /** A new one starts at the default branch. */
  readonly branch: string;
  /** Path to content; null deletes. */
  readonly files: Readonly<Record<string, string | null>>;
  readonly message?: string;
  /** Address of the commit's author and committer; default: the person's own. One that GitHub does not know is nobody's. */
  readonly author?: string;
  readonly committer?: string;
}

export interface PersonsPull {
  readonly branch: string;
  readonly title?: string;
  readonly body?: string;
  /** Default: the default branch. */
  readonly base?: string;
  /** The repository that the branch is in, if it is a fork. */
  readonly from?: HostedRepository;
}

/** One person at GitHub's web pages and with git, without any limit. What is done here is no request. */
export interface Person {
  /** Commits to a branch and pushes it. Gives the commit. */
  push(push: PersonsPush): Promise<string>;
  openIssue(issue: NewIssue): number;
  close(number: number, reason?: "completed" | "not_planned" | "duplicate"): void;
  reopen(number: number): void;
  comment(number: number, body: string): number;
  assign(number: number, ...logins: readonly string[]): void;
  label(number: number, ...labels: readonly string[]): void;
  openPull(pull: PersonsPull): Promise<number>;
  /** Gives the review's id. */
  review(number: number, state: StoredReview["state"]): Promise<number>;
  dismiss(number: number, review: number): void;
  /** Gives the newest commit of the base. */
  merge(number: number, method?: MergeMethod): Promise<string>;
}

export function personAtGithub(repository: HostedRepository, login: string): Person {
  const { git } = repository;
  const issueOf = (number: number): StoredIssue => {
    const found = repository.issues[number - 1];
    if (found === undefined) throw new Error(`there is no #${number}`);
    return found;
  };
  const pullOf = (number: number): StoredPull => {
    const found = repository.pulls.find((pull) => pull.number === number);
    if (found === undefined) throw new Error(`#${number} is no pull request`);
    return found;
  };
  return {
    push: async ({ branch, files, message = "change documents", author, committer }) => {
      const at = repository.now();
      const ref = `refs/heads/${branch}`;
      const before = await git.commitOf(ref);
      const from = before ?? (await git.commitOf(`refs/heads/${DEFAULT_BRANCH}`));
      const own = personAt(login, at);
      const by = author === undefined ? own : { ...own, email: author };
      const after = await git.commit({
        branch,
        files,
        message,
        author: by,
        committer: committer === undefined ? by : { ...own, email: committer },
        ...(from === undefined ? {} : { from }),
      });
      const type = before === undefined ? "branch_creation" : "push";
      const id = repository.nextId();
      repository.activities.push({
        id,
        ref,
        before: before ?? "0".repeat(40),
        after,
        at,
        actor: login,
        type,
      });
      return after;
    },
    openIssue: (issue) => addIssue(repository, login, issue).number,
    close: (number, reason = "completed") => setState(repository, issueOf(number), "closed", reason),
    reopen: (number) => setState(repository, issueOf(number), "open"),
    comment: (number, body) => addComment(repository, issueOf(number), login, body).id,
    assign: (number, ...logins) => {
      issueOf(number).assignees = logins;
    },
    label: (number, ...labels) => {
      issueOf(number).labels = labels;
    },
    openPull: async ({
      branch,
      title = `Change ${branch}`,
      body = "",
      base = DEFAULT_BRANCH,
      from = repository,
    }) => {
      const { number } = addIssue(repository, login, { title, body }, true);
      const pull: StoredPull = {
        number,
        branch,
        from: from.name,
        source: from.git,
        base,
        head: "",
        commits: [],
        range: "",
        reviews: [],
        mergedAt: undefined,
        mergedBy: undefined,
        mergeCommit: undefined,
        landed: [],
      };
      repository.pulls.push(pull);
      await refreshPull(repository, pull);
      return number;
    },
    review: async (number, state) => {
      const pull = pullOf(number);
      await refreshPull(repository, pull);
      const id = repository.nextId();
      pull.reviews.push({ id, by: login, state, commit: pull.head, at: repository.now() });
      return id;
    },
    dismiss: (number, review) => {
      const found = pullOf(number).reviews.find(({ id }) => id === review);
      if (found !== undefined) found.state = "DISMISSED";
    },
    merge: async (number, method = "merge") => mergePull(repository, pullOf(number), login, method),
  };
}
