import { mailOf, WEB_FLOW } from "./accounts.ts";
import type { BareRepository, Signature } from "./bare-repository.ts";

export interface StoredComment {
  readonly id: number;
  readonly author: string;
  body: string;
  readonly createdAt: number;
  updatedAt: number;
}

/** An issue, or what a pull request has of one. */
export interface StoredIssue {
  readonly number: number;
  readonly author: string;
  readonly isPull: boolean;
  title: string;
  body: string;
  state: "open" | "closed";
  stateReason: string | null;
  labels: readonly string[];
  assignees: readonly string[];
  readonly createdAt: number;
  updatedAt: number;
  closedAt: number | undefined;
  readonly comments: StoredComment[];
}

export interface StoredReview {
  readonly id: number;
  readonly by: string;
  state: "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED";
  readonly commit: string;
  readonly at: number;
}

export interface StoredPull {
  readonly number: number;
  readonly branch: string;
  /** Repository of the branch: another one for a fork. */
  readonly from: string;
  readonly source: BareRepository;
  readonly base: string;
  /** Newest commit of its branch; stands still once it is merged. */
  head: string;
  /** The commits that it brings, oldest first; stands still once it is merged. */
  commits: readonly string[];
  /** Of which `commits` was read. */
  range: string;
  readonly reviews: StoredReview[];
  mergedAt: number | undefined;
  mergedBy: string | undefined;
  mergeCommit: string | undefined;
  /** What a rebase or a squash made of its commits. */
  landed: readonly string[];
}

export interface StoredActivity {
  readonly id: number;
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly at: number;
  readonly actor: string | undefined;
  readonly type: "push" | "force_push" | "branch_creation" | "pr_merge";
}

export interface StoredWorkflow {
  readonly id: number;
  readonly path: string;
  state: string;
}

export interface StoredRun {
  readonly id: number;
  attempt: number;
  status: "queued" | "in_progress" | "completed";
}

export interface StoredDispatch {
  readonly workflow: string;
  readonly ref: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly by: string;
}

/** What a repository at GitHub has beside its git objects, and those. Tests read it; people's handles change it. */
export interface HostedRepository {
  readonly name: string;
  readonly git: BareRepository;
  readonly issues: StoredIssue[];
  readonly pulls: StoredPull[];
  readonly labels: Map<string, { readonly color: string; readonly description: string | null }>;
  /** Logins that issues can be assigned to. */
  readonly people: Set<string>;
  readonly activities: StoredActivity[];
  /** Who may not read it may not read its activity; a fork's is often out of reach. */
  hidesActivity: boolean;
  readonly workflows: StoredWorkflow[];
  readonly runs: StoredRun[];
  readonly dispatches: StoredDispatch[];
  /** Commits that GitHub itself has signed. */
  readonly signed: Set<string>;
  /** GitHub's clock, in seconds since 1970. */
  now(): number;
  /** A number that was not given before. */
  nextId(): number;
}

export const DEFAULT_BRANCH = "main";

export function newRepository(name: string, git: BareRepository, now: () => number): HostedRepository {
  let id = 1000;
  return {
    name,
    git,
    issues: [],
    pulls: [],
    labels: new Map(),
    people: new Set(),
    activities: [],
    hidesActivity: false,
    workflows: [],
    runs: [],
    dispatches: [],
    signed: new Set(),
    now,
    nextId: () => (id += 1),
  };
}

export interface NewIssue {
  readonly title: string;
  readonly body?: string;
  readonly labels?: readonly string[];
  readonly assignees?: readonly string[];
}

/** Issues and pull requests share their numbers. Labels that are not there are made. */
export function addIssue(
  repository: HostedRepository,
  author: string,
  { title, body = "", labels = [], assignees = [] }: NewIssue,
  isPull = false,
): StoredIssue {
  const now = repository.now();
  addLabels(repository, labels);
  const issue: StoredIssue = {
    number: repository.issues.length + 1,
    author,
    isPull,
    title,
    body,
    state: "open",
    stateReason: null,
    labels,
    assignees,
    createdAt: now,
    updatedAt: now,
    closedAt: undefined,
    comments: [],
  };
  repository.issues.push(issue);
  return issue;
}

/** As GitHub does for whoever may push. */
export function addLabels(repository: HostedRepository, labels: readonly string[]): void {
  for (const label of labels) {
    if (!repository.labels.has(label)) repository.labels.set(label, { color: "ededed", description: null });
  }
}

export function addComment(
  repository: HostedRepository,
  issue: StoredIssue,
  author: string,
  body: string,
): StoredComment {
  const now = repository.now();
  const comment = { id: repository.nextId(), author, body, createdAt: now, updatedAt: now };
  issue.comments.push(comment);
  return comment;
}

export function setState(
  repository: HostedRepository,
  issue: StoredIssue,
  state: "open" | "closed",
  reason?: string | null,
): void {
  if (issue.state !== state) issue.closedAt = state === "closed" ? repository.now() : undefined;
  issue.stateReason =
    reason ?? (state === "closed" ? "completed" : issue.state === state ? null : "reopened");
  issue.state = state;
  issue.updatedAt = repository.now();
}

/** What an open pull request brings follows its branch. */
export async function refreshPull(repository: HostedRepository, pull: StoredPull): Promise<void> {
  if (pull.mergedAt !== undefined) return;
  const { git } = repository;
  const tip = await pull.source.commitOf(`refs/heads/${pull.branch}`);
  if (tip !== undefined && tip !== pull.head) {
    const ref = `refs/pull/${pull.number}/head`;
    if (pull.source === git) await git.git("update-ref", ref, tip);
    else await git.git("fetch", "--quiet", pull.source.path, `+${tip}:${ref}`);
    pull.head = tip;
  }
  const range = `${await git.commitOf(`refs/heads/${pull.base}`)}..${pull.head}`;
  if (range === pull.range) return;
  pull.range = range;
  const ids = await git.git("rev-list", "--reverse", "--topo-order", range);
  pull.commits = ids.split("\n").filter(Boolean);
}

export function personAt(login: string, at: number): Signature {
  return { name: login, email: mailOf(login), at };
}

export function webFlowAt(at: number): Signature {
  return { ...WEB_FLOW, at };
}
