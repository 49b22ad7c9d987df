import type { PullRequest, Trigger } from "./trigger.ts";

/** Reads what made the workflow run from its variables and the text of the event's file. Never throws. */
export function triggerOf(
  env: Readonly<Record<string, string | undefined>>,
  payload: string | undefined,
): Trigger {
  const event = objectOf(parsed(payload));
  const repository = objectOf(event?.["repository"]);
  return {
    event: env["GITHUB_EVENT_NAME"] ?? "",
    ref: env["GITHUB_REF"] ?? "",
    defaultBranch: textOf(repository?.["default_branch"]),
    pullRequest: pullRequestOf(event, textOf(repository?.["full_name"])),
  };
}

/** A comment or a run that belongs to a pull request counts as one, so that nothing slips through under another name. */
function pullRequestOf(event: Fields | undefined, repository: string | undefined): PullRequest | undefined {
  const issue = objectOf(event?.["issue"]);
  const [ofRun] = listOf(objectOf(event?.["workflow_run"])?.["pull_requests"]);
  const found =
    event?.["pull_request"] ?? (issue?.["pull_request"] === undefined ? undefined : issue) ?? ofRun;
  const pull = objectOf(found);
  const number = pull?.["number"];
  if (pull === undefined || typeof number !== "number") return undefined;
  const head = objectOf(objectOf(pull["head"])?.["repo"]);
  return {
    number,
    base: textOf(objectOf(pull["base"])?.["sha"]),
    // A fork that was deleted has no repository: it is somebody else's all the same.
    isFork: repository === undefined || textOf(head?.["full_name"]) !== repository,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Fields | undefined {
  // `as`: an object's fields are unknown until they are looked at.
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
