import { type GithubAnswer, invalid, NOT_FOUND, paged } from "./answer.ts";
import { type HostedAnswers, type HostedCall, withIssue } from "./hosted-call.ts";
import {
  addComment,
  addIssue,
  addLabels,
  type HostedRepository,
  type NewIssue,
  type StoredComment,
  type StoredIssue,
  setState,
} from "./hosted-repository.ts";
import { shownComment, shownIssue, shownLabel } from "./shown.ts";

/** Characters; GitHub takes no more. */
const LONGEST_BODY = 65_536;
const LONGEST_TITLE = 256;

interface SentIssue extends Partial<NewIssue> {
  readonly state?: "open" | "closed";
  readonly state_reason?: string | null;
}

/** What GitHub answers about issues, their labels, assignees and comments. */
export const ISSUE_ANSWERS: HostedAnswers = {
  "GET /repos/{owner}/{repo}/issues": ({ repository, address }) => {
    const { searchParams: query } = address;
    const state = query.get("state") ?? "open";
    const labels = (query.get("labels") ?? "").split(",").filter(Boolean);
    const found = repository.issues.filter(
      (issue) =>
        (state === "all" || issue.state === state) && labels.every((label) => issue.labels.includes(label)),
    );
    const sorted = query.get("direction") === "asc" ? found : found.toReversed();
    return paged(
      sorted.map((issue) => shownIssue(repository, issue)),
      address,
    );
  },
  "POST /repos/{owner}/{repo}/issues": (call) => {
    // `as`: the description was checked before.
    const sent = call.body as NewIssue;
    const wrong = wrongWith(call.repository, sent);
    if (wrong !== undefined) return wrong;
    return { status: 201, body: shownIssue(call.repository, addIssue(call.repository, call.login, sent)) };
  },
  "GET /repos/{owner}/{repo}/issues/{issue_number}": async (call) =>
    withIssue(call, (issue) => ({ status: 200, body: shownIssue(call.repository, issue) })),
  "PATCH /repos/{owner}/{repo}/issues/{issue_number}": async (call) =>
    withIssue(call, (issue) => {
      const { repository } = call;
      // `as`: the description was checked before.
      const sent = call.body as SentIssue;
      const wrong = wrongWith(repository, sent);
      if (wrong !== undefined) return wrong;
      addLabels(repository, sent.labels ?? []);
      const { state, state_reason: reason, ...rest } = sent;
      Object.assign(issue, rest, { updatedAt: repository.now() });
      if (state !== undefined) setState(repository, issue, state, reason);
      return { status: 200, body: shownIssue(repository, issue) };
    }),
  "GET /repos/{owner}/{repo}/issues/{issue_number}/comments": async (call) =>
    withIssue(call, (issue) =>
      paged(
        issue.comments.map((comment) => shownComment(call.repository, issue, comment)),
        call.address,
      ),
    ),
  "POST /repos/{owner}/{repo}/issues/{issue_number}/comments": async (call) =>
    withIssue(call, (issue) => {
      const { repository, login } = call;
      const text = bodyIn(call);
      if (isTooLong(text)) return invalid("body is too long");
      return {
        status: 201,
        body: shownComment(repository, issue, addComment(repository, issue, login, text)),
      };
    }),
  "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}": (call) => {
    const found = commentIn(call);
    if (found === undefined) return NOT_FOUND;
    const text = bodyIn(call);
    if (isTooLong(text)) return invalid("body is too long");
    Object.assign(found.comment, { body: text, updatedAt: call.repository.now() });
    return { status: 200, body: shownComment(call.repository, found.issue, found.comment) };
  },
  "DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}": (call) => {
    const found = commentIn(call);
    if (found === undefined) return NOT_FOUND;
    const { comments } = found.issue;
    comments.splice(comments.indexOf(found.comment), 1);
    return { status: 204 };
  },
  "POST /repos/{owner}/{repo}/issues/{issue_number}/labels": async (call) =>
    withIssue(call, (issue) => {
      // `as`: the description was checked before.
      const { labels } = call.body as { labels: readonly string[] };
      addLabels(call.repository, labels);
      issue.labels = [...new Set([...issue.labels, ...labels])];
      return { status: 200, body: issue.labels.map((label) => shownLabel(call.repository, label)) };
    }),
  "GET /repos/{owner}/{repo}/labels": ({ repository, address }) =>
    paged(
      [...repository.labels.keys()].map((name) => shownLabel(repository, name)),
      address,
    ),
  "POST /repos/{owner}/{repo}/labels": ({ repository, body }) => {
    // `as`: the description was checked before.
    const {
      name,
      color = "ededed",
      description = null,
    } = body as {
      name: string;
      color?: string;
      description?: string;
    };
    if (repository.labels.has(name)) return invalid("already_exists", "name");
    repository.labels.set(name, { color, description });
    return { status: 201, body: shownLabel(repository, name) };
  },
  "GET /repos/{owner}/{repo}/assignees/{assignee}": ({ repository, parameters }) =>
    repository.people.has(parameters["assignee"] ?? "") ? { status: 204 } : NOT_FOUND,
};

function wrongWith(
  { people }: HostedRepository,
  { title = "-", body = "", assignees = [] }: Partial<NewIssue>,
): GithubAnswer | undefined {
  if (title.trim() === "" || title.length > LONGEST_TITLE) return invalid("invalid", "title");
  if (isTooLong(body)) return invalid("body is too long (maximum is 65536 characters)");
  if (assignees.some((login) => !people.has(login))) return invalid("invalid", "assignees");
  return undefined;
}

function isTooLong(text: string): boolean {
  return text.length > LONGEST_BODY;
}

function bodyIn({ body }: HostedCall): string {
  // `as`: the description was checked before.
  return (body as { body: string }).body;
}

function commentIn({
  repository,
  parameters,
}: HostedCall): { readonly issue: StoredIssue; readonly comment: StoredComment } | undefined {
  const id = Number(parameters["comment_id"]);
  for (const issue of repository.issues) {
    const comment = issue.comments.find((known) => known.id === id);
    if (comment !== undefined) return { issue, comment };
  }
  return undefined;
}
