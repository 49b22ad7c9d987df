import type { Instant } from "../model/instant.ts";

/** An issue as the forge shows it. Its text is other people's: it is never taken for a command. */
export interface ForgeIssue {
  readonly number: number;
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly state: "open" | "closed";
  /** Why it was closed, where the forge tells it. */
  readonly closedAs?: "completed" | "not-planned" | "duplicate";
  readonly labels: readonly string[];
  readonly assignees: readonly string[];
  /** Login of who opened it. */
  readonly author: string;
}

/** What an issue is to say. All of it is public, and encoded for the forge's Markdown. */
export interface IssueDraft {
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  /** Logins; those that the forge does not know are left out, and told to `warn`. */
  readonly assignees: readonly string[];
}

export interface Review {
  /** Login. */
  readonly by: string;
  readonly state: "approved" | "changes-requested" | "commented" | "dismissed";
  /** Commit of the change that was looked at. */
  readonly commit: string;
  readonly at: Instant;
}

/** A change that people agreed on before it was merged: a pull request. */
export interface ReviewedChange {
  readonly number: number;
  readonly url: string;
  /** Login of who opened it. */
  readonly author: string;
  /** Newest commit of its branch. */
  readonly head: string;
  readonly mergedAt: Instant | undefined;
  readonly mergedBy: string | undefined;
  /** Logins of everybody whose work is in it: authors and committers of its commits, and whoever pushed to its branch. */
  readonly contributors: readonly string[];
  /** Some commit is by somebody whose login the forge does not know: nobody can be ruled out as its author. */
  readonly hasUnknownContributor: boolean;
  /** In the order in which they were given; all of them, also those that were dismissed. */
  readonly reviews: readonly Review[];
}

/** A change that the runner proposes: one file, for people to complete and merge. */
export interface Proposal {
  /** Of the runner's own; the same name is the same proposal. */
  readonly branch: string;
  readonly title: string;
  readonly body: string;
  /** Path in the repository. */
  readonly path: string;
  /** The whole new content of the file. */
  readonly content: string;
  readonly labels: readonly string[];
}

/** A schedule of the forge that calls the runner. */
export interface ScheduleHealth {
  /** Path of the workflow. */
  readonly workflow: string;
  readonly state: "active" | "disabled";
  /** Why, in the forge's words. */
  readonly detail: string;
}

/**
 * The place where people meet the repository. Calls reject with EffectError: `refused` promises that nothing was
 * changed. Nothing is tried again here, and no call takes longer than the signal lets it. Never told a secret.
 */
export interface Forge {
  /** For people: `github.com/acme/credentials`. */
  readonly label: string;
  /** The runner's own login there: only what it wrote is its own. */
  login(signal: AbortSignal): Promise<string>;
  /** Web address of a file of the default branch, for links. */
  fileUrl(path: string, line?: number): string;
  /** Web address of an issue; absent: this forge has no fixed ones. */
  issueUrl?(number: number): string;
  /** Open and closed issues (no pull requests) that carry this label, oldest first. */
  issues(label: string, signal: AbortSignal): Promise<readonly ForgeIssue[]>;
  createIssue(draft: IssueDraft, signal: AbortSignal): Promise<ForgeIssue>;
  /** Changes what is given, leaves the rest. `closed` takes a reason that the forge shows. */
  updateIssue(
    number: number,
    change: Partial<IssueDraft> & {
      readonly state?: "open" | "closed";
      readonly reason?: "completed" | "not-planned" | "duplicate";
    },
    signal: AbortSignal,
  ): Promise<void>;
  /** A new comment under an issue or a pull request. */
  comment(number: number, body: string, signal: AbortSignal): Promise<void>;
  /**
   * One comment of the runner's own under a pull request, known by a marker in its body: made, or changed in place. A
   * comment of another author that bears the marker is nobody's. `change-only` makes none where there is none yet.
   */
  keepComment(
    number: number,
    marker: string,
    body: string,
    signal: AbortSignal,
    mode?: "change-only",
  ): Promise<void>;
  /** The change through which a commit came to the default branch; undefined: it was pushed without one. */
  changeOf(commit: string, signal: AbortSignal): Promise<ReviewedChange | undefined>;
  /** A file at a commit, also one of a change's branch, with its blob id; undefined: there is none. */
  fileAt(
    commit: string,
    path: string,
    signal: AbortSignal,
  ): Promise<{ readonly blob: string; readonly text: string } | undefined>;
  /** The proposal's pull request: the open one, or a new one. `merged` and `closed` ones are told and not made again. */
  propose(
    proposal: Proposal,
    signal: AbortSignal,
  ): Promise<{
    readonly number: number;
    readonly url: string;
    readonly state: "open" | "merged" | "closed";
  }>;
  /**
   * Whether this run of the forge's scheduler is over; undefined: the forge does not know it. A run is named in the
   * forge's own way, such as `acme/credentials/4711/1`: repository, run, attempt.
   */
  isRunOver(run: string, signal: AbortSignal): Promise<boolean | undefined>;
  /** The workflows of this repository that run on a schedule. */
  schedules(signal: AbortSignal): Promise<readonly ScheduleHealth[]>;
  /** Starts a workflow that can be started by hand. */
  dispatch(workflow: string, inputs: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void>;
  /** End of the token's life, where the forge tells it. */
  tokenExpiry(signal: AbortSignal): Promise<Instant | undefined>;
}
