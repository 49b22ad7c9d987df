import type { ActionCommand } from "./contract.ts";

/** What made the workflow run, as GitHub says it. */
export interface Trigger {
  /** `GITHUB_EVENT_NAME`; with a reusable workflow that of its caller. */
  readonly event: string;
  /** The full ref that the workflow runs on, such as `refs/heads/main`. */
  readonly ref: string;
  /** Undefined where the event does not say it: that of a schedule may not. */
  readonly defaultBranch: string | undefined;
  /** The event carries a pull request, whatever it is called. */
  readonly pullRequest: PullRequest | undefined;
}

export interface PullRequest {
  readonly number: number;
  /** Commit that it is to be merged into. */
  readonly base: string | undefined;
  /** It comes from another repository: the workflow's token may only read. */
  readonly isFork: boolean;
}

/** Commands that read a checkout and change nothing; they may run on anybody's pull request. */
const READING: ReadonlySet<ActionCommand> = new Set(["validate"]);

/**
 * Events that the default branch itself or a person with write access stands behind. A list of what is allowed: an
 * event that GitHub invents tomorrow is refused.
 */
const TRUSTED_EVENTS = new Set(["schedule", "workflow_dispatch", "repository_dispatch", "push"]);
/** GitHub runs these on nothing but the default branch. */
const ALWAYS_DEFAULT_BRANCH = new Set(["schedule", "repository_dispatch"]);

/** Why this command may not run here; undefined: it may. Decided before anything of the repository is read. */
export function refusalOf(command: ActionCommand, trigger: Trigger): string | undefined {
  if (READING.has(command)) return undefined;
  const { event, ref, defaultBranch, pullRequest } = trigger;
  if (pullRequest !== undefined || !TRUSTED_EVENTS.has(event)) {
    return `\`${command}\` never runs on the event ${event === "" ? "(none)" : event}: what a pull request proposes has not been agreed on`;
  }
  if (defaultBranch === undefined) {
    if (ALWAYS_DEFAULT_BRANCH.has(event) && ref.startsWith("refs/heads/")) return undefined;
    return `\`${command}\` runs on the default branch only, and the event ${event} does not say which one that is`;
  }
  if (ref === `refs/heads/${defaultBranch}`) return undefined;
  return `\`${command}\` runs on the default branch ${defaultBranch} only, and this is ${ref === "" ? "no branch" : ref}`;
}
