import type { Forge, ForgeIssue, IssueDraft } from "../../../core/ports/forge.ts";
import { fieldOf, listOf, loginIn, maybeText, numberOf, textOf, Unreadable } from "./answers.ts";
import type { Asked, GithubApi } from "./api.ts";
import { type Assignees, checkedAssignees } from "./assignees.ts";
import { keptLabels } from "./labels.ts";

type Issues = Pick<Forge, "issues" | "createIssue" | "updateIssue">;

const REASONS = { completed: "completed", "not-planned": "not_planned", duplicate: "duplicate" } as const;

/** GitHub takes no more of them. */
const MOST_ASSIGNEES = 10;

export function githubIssues(api: GithubApi, warn: (message: string) => void): Issues {
  const ensureLabels = keptLabels(api);
  const assignable = checkedAssignees(api, warn);
  return {
    issues: async (label, signal) => {
      const fields = { labels: label, state: "all", sort: "created", direction: "asc" };
      const asked: Asked = {
        method: "GET",
        path: "/issues",
        action: `list the issues with the label ${label}`,
        permission: "Issues: read",
        fields,
      };
      const found = await api.list(asked, signal, (data) =>
        listOf(data).flatMap((entry) => (isPull(entry) ? [] : [issueOf(entry)])),
      );
      // The query is GitHub's to read, and it takes a label in any case.
      return found.filter((issue) => issue.labels.includes(label));
    },
    createIssue: async (draft, signal) => {
      const fields = await fieldsOf(draft, { ensureLabels, assignable }, signal);
      const asked: Asked = {
        method: "POST",
        path: "/issues",
        action: "open an issue",
        permission: "Issues: write",
        fields,
      };
      return api.ask(asked, signal, ({ data }) => issueOf(data));
    },
    updateIssue: async (number, { state, reason, ...change }, signal) => {
      const fields = {
        ...(await fieldsOf(change, { ensureLabels, assignable }, signal)),
        ...(state === undefined ? {} : { state }),
        ...(reason === undefined ? {} : { state_reason: REASONS[reason] }),
      };
      if (Object.keys(fields).length === 0) return;
      const asked: Asked = {
        method: "PATCH",
        path: "/issues/{issue_number}",
        action: `change the issue #${number}`,
        permission: "Issues: write",
        fields: { ...fields, issue_number: number },
      };
      await api.ask(asked, signal, ({ data }) => issueOf(data));
    },
  };
}

interface Prepared {
  readonly ensureLabels: (labels: readonly string[], signal: AbortSignal) => Promise<void>;
  readonly assignable: Assignees;
}

async function fieldsOf(
  { title, body, labels, assignees }: Partial<IssueDraft>,
  { ensureLabels, assignable }: Prepared,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  if (labels !== undefined) await ensureLabels(labels, signal);
  const known = assignees === undefined ? undefined : await assignable(assignees, signal);
  return {
    ...(title === undefined ? {} : { title }),
    ...(body === undefined ? {} : { body }),
    ...(labels === undefined ? {} : { labels }),
    ...(known === undefined ? {} : { assignees: known.slice(0, MOST_ASSIGNEES) }),
  };
}

/** GitHub lists pull requests among the issues. */
function isPull(data: unknown): boolean {
  return fieldOf(data, "pull_request") !== undefined;
}

function issueOf(data: unknown): ForgeIssue {
  const state = textOf(data, "state");
  if (state !== "open" && state !== "closed") throw new Unreadable("state");
  const closedAs = state === "closed" ? reasonIn(data) : undefined;
  return {
    number: numberOf(data, "number"),
    url: textOf(data, "html_url"),
    title: textOf(data, "title"),
    body: maybeText(data, "body") ?? "",
    state,
    // Old answers have a label as its name alone.
    labels: listOf(data, "labels").map((label) =>
      typeof label === "string" ? label : textOf(label, "name"),
    ),
    assignees: listOf(data, "assignees").map((person) => loginIn(person)),
    author: loginIn(data, "user"),
    ...(closedAs === undefined ? {} : { closedAs }),
  };
}

function reasonIn(data: unknown): ForgeIssue["closedAs"] {
  switch (maybeText(data, "state_reason")) {
    case "completed":
      return "completed";
    case "not_planned":
      return "not-planned";
    case "duplicate":
      return "duplicate";
    default:
      return undefined;
  }
}
