import { loginOf, nodeId, shownUser } from "./accounts.ts";
import type { CommitFacts, Signature } from "./bare-repository.ts";
import type {
  HostedRepository,
  StoredComment,
  StoredIssue,
  StoredPull,
  StoredReview,
} from "./hosted-repository.ts";

/** Which repository is shown, and what GitHub shows of any. */
export interface Shelf {
  readonly repository: HostedRepository;
  readonly description: Readonly<Record<string, unknown>>;
}

export function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000", "");
}

export function shownRepository({ repository, description }: Shelf, name = repository.name): object {
  return {
    ...description,
    name: name.split("/")[1],
    full_name: name,
    default_branch: "main",
    archived: false,
  };
}

function apiOf({ name }: HostedRepository): string {
  return `https://api.github.com/repos/${name}`;
}

export function pageOf({ name }: HostedRepository): string {
  return `https://github.com/${name}`;
}

export function shownLabel(repository: HostedRepository, name: string): object {
  const { color, description } = repository.labels.get(name) ?? { color: "ededed", description: null };
  const url = `${apiOf(repository)}/labels/${encodeURIComponent(name)}`;
  return {
    id: 1,
    node_id: nodeId("LA", 1),
    url,
    name,
    color,
    default: false,
    description: description ?? "",
  };
}

export function shownIssue(repository: HostedRepository, issue: StoredIssue): object {
  const url = `${apiOf(repository)}/issues/${issue.number}`;
  const page = `${pageOf(repository)}/${issue.isPull ? "pull" : "issues"}/${issue.number}`;
  const pull = `${apiOf(repository)}/pulls/${issue.number}`;
  return {
    id: issue.number,
    node_id: nodeId("I", issue.number),
    url,
    repository_url: apiOf(repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: page,
    number: issue.number,
    state: issue.state,
    state_reason: issue.stateReason,
    title: issue.title,
    body: issue.body,
    user: shownUser(issue.author),
    labels: issue.labels.map((label) => shownLabel(repository, label)),
    assignee: issue.assignees[0] === undefined ? null : shownUser(issue.assignees[0]),
    assignees: issue.assignees.map(shownUser),
    milestone: null,
    locked: false,
    comments: issue.comments.length,
    closed_at: issue.closedAt === undefined ? null : timeOf(issue.closedAt),
    created_at: timeOf(issue.createdAt),
    updated_at: timeOf(issue.updatedAt),
    author_association: "NONE",
    ...(issue.isPull
      ? { pull_request: { url: pull, html_url: page, diff_url: `${page}.diff`, patch_url: `${page}.patch` } }
      : {}),
  };
}

export function shownComment(
  repository: HostedRepository,
  issue: StoredIssue,
  comment: StoredComment,
): object {
  const url = `${apiOf(repository)}/issues/comments/${comment.id}`;
  return {
    id: comment.id,
    node_id: nodeId("IC", comment.id),
    url,
    html_url: `${pageOf(repository)}/issues/${issue.number}#issuecomment-${comment.id}`,
    issue_url: `${apiOf(repository)}/issues/${issue.number}`,
    body: comment.body,
    user: shownUser(comment.author),
    created_at: timeOf(comment.createdAt),
    updated_at: timeOf(comment.updatedAt),
    author_association: "NONE",
  };
}

/** As in lists; one alone has more. */
export function shownPull(shelf: Shelf, pull: StoredPull): object {
  const { repository } = shelf;
  const issue = repository.issues[pull.number - 1];
  if (issue === undefined) throw new Error(`#${pull.number} has no issue`);
  const url = `${apiOf(repository)}/pulls/${pull.number}`;
  const page = `${pageOf(repository)}/pull/${pull.number}`;
  const end = (name: string, ref: string, sha: string): object => ({
    label: `${name.split("/")[0]}:${ref}`,
    ref,
    sha,
    user: shownUser(name.split("/")[0] ?? ""),
    repo: shownRepository(shelf, name),
  });
  const { title, body, state, author, createdAt, updatedAt, closedAt } = issue;
  return {
    id: pull.number,
    node_id: nodeId("PR", pull.number),
    url,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: `${apiOf(repository)}/issues/${pull.number}`,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${url}/comments{/number}`,
    comments_url: `${apiOf(repository)}/issues/${pull.number}/comments`,
    statuses_url: `${apiOf(repository)}/statuses/${pull.head}`,
    number: pull.number,
    state,
    locked: false,
    title,
    body,
    user: shownUser(author),
    labels: issue.labels.map((label) => shownLabel(repository, label)),
    milestone: null,
    created_at: timeOf(createdAt),
    updated_at: timeOf(updatedAt),
    closed_at: closedAt === undefined ? null : timeOf(closedAt),
    merged_at: pull.mergedAt === undefined ? null : timeOf(pull.mergedAt),
    merge_commit_sha: pull.mergeCommit ?? null,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: end(pull.from, pull.branch, pull.head),
    base: end(repository.name, pull.base, pull.head),
    _links: Object.fromEntries(
      ["comments", "commits", "statuses", "html", "issue", "review_comments", "review_comment", "self"].map(
        (name) => [name, { href: `${url}/${name}` }],
      ),
    ),
    author_association: "NONE",
    auto_merge: null,
    draft: false,
  };
}

export function shownWholePull(shelf: Shelf, pull: StoredPull): object {
  return {
    ...shownPull(shelf, pull),
    merged: pull.mergedAt !== undefined,
    mergeable: null,
    mergeable_state: "unknown",
    merged_by: pull.mergedBy === undefined ? null : shownUser(pull.mergedBy),
    comments: 0,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: pull.commits.length,
    additions: 0,
    deletions: 0,
    changed_files: 0,
  };
}

export function shownReview(repository: HostedRepository, pull: StoredPull, review: StoredReview): object {
  const page = `${pageOf(repository)}/pull/${pull.number}#pullrequestreview-${review.id}`;
  const url = `${apiOf(repository)}/pulls/${pull.number}`;
  return {
    id: review.id,
    node_id: nodeId("PRR", review.id),
    user: shownUser(review.by),
    body: "",
    state: review.state,
    html_url: page,
    pull_request_url: url,
    _links: { html: { href: page }, pull_request: { href: url } },
    submitted_at: timeOf(review.at),
    commit_id: review.commit,
    author_association: "NONE",
  };
}

export function shownCommit(repository: HostedRepository, commit: CommitFacts): object {
  const { sha, tree, parents, author, committer, message } = commit;
  const url = `${apiOf(repository)}/commits/${sha}`;
  const page = `${pageOf(repository)}/commit/${sha}`;
  const isSigned = repository.signed.has(sha);
  return {
    sha,
    node_id: nodeId("C", 1),
    url,
    html_url: page,
    comments_url: `${url}/comments`,
    commit: {
      url: `${apiOf(repository)}/git/commits/${sha}`,
      author: gitSignature(author),
      committer: gitSignature(committer),
      message,
      tree: { sha: tree, url: `${apiOf(repository)}/git/trees/${tree}` },
      comment_count: 0,
      verification: {
        verified: isSigned,
        reason: isSigned ? "valid" : "unsigned",
        signature: null,
        payload: null,
        verified_at: null,
      },
    },
    author: userOf(author),
    committer: userOf(committer),
    parents: parents.map((parent) => ({
      sha: parent,
      url: `${apiOf(repository)}/commits/${parent}`,
      html_url: `${pageOf(repository)}/commit/${parent}`,
    })),
  };
}

function gitSignature({ name, email, at }: Signature): object {
  return { name, email, date: timeOf(at) };
}

function userOf({ email }: Signature): object | null {
  const login = loginOf(email);
  return login === undefined ? null : shownUser(login);
}
