import { SETTINGS_DEFAULTS } from "../../core/documents/settings.ts";
import { CreError } from "../../core/model/errors.ts";
import type { Instant } from "../../core/model/instant.ts";
import type { AuditSegment } from "../../core/ports/store.ts";
import { EMPTY_STATE, type StateFacts } from "../../core/state/facts.ts";
import { type AsOf, resolveAsOf } from "./as-of.ts";
import { type CommitFacts, commitFacts } from "./commit-facts.ts";
import { Git } from "./git.ts";
import { localDefaultBranch } from "./local-branches.ts";
import { isCut, readFileAt, resolveCommit } from "./objects.ts";
import { type Past, pastOf } from "./past.ts";
import { type RecordedTip, recordedHeads } from "./recorded-heads.ts";
import { findRemote, type Remote } from "./remote.ts";
import { segmentCommits } from "./segment-commits.ts";
import { DOCUMENT_FOLDERS, listDocuments, readSources, type SourceFile } from "./source-files.ts";
import { StateReader } from "./state-reader.ts";

export interface ReadSideOptions {
  readonly repo: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds for the one question that may be asked of the remote; default ten seconds. */
  readonly networkTimeout?: number;
}

/** How the work tree stands to what the runner would read. */
export interface WorkTreeStanding {
  /** The commit that is checked out; undefined in a repository without commits. */
  readonly head: string | undefined;
  /** Newest known tip of the default branch. */
  readonly tip: string | undefined;
  /** Documents differ from those of `head`: edited, added, removed, not committed. */
  readonly uncommitted: boolean;
  /** Committed documents differ from those of `tip`: another branch, or not up to date. */
  readonly differsFromTip: boolean;
}

/**
 * Git for commands that write nothing: what this clone knows, without a fetch. Nothing in the repository changes, not
 * even its index.
 */
export interface ReadSide {
  standing(): Promise<WorkTreeStanding>;
  /** The files of people's documents in a commit, for the reader of documents. */
  filesAt(commit: string): Promise<readonly SourceFile[]>;
  readFile(commit: string, path: string): Promise<Uint8Array | undefined>;
  /**
   * The machine's records. `branch` is what the settings say (undefined: the default; `same`: the default branch);
   * `at` is a commit of it that {@link resolveAsOf} gave. Rejects with a CreError that holds the fetch command when the
   * branch is not here and the remote has it or does not answer, and when the end of the trail is broken; with
   * `evenIfBroken` the head is left out then.
   */
  readState(
    branch: string | undefined,
    at?: { readonly commit: string | undefined },
    evenIfBroken?: boolean,
  ): Promise<StateFacts>;
  /** Takes `--as-of COMMIT|INSTANT` apart: on each branch the last commit at or before that moment. */
  resolveAsOf(text: string, branch: string | undefined): Promise<AsOf>;
  /** Of the state branch only; the documents' commit of {@link resolveAsOf} is needed to know its name. */
  stateAt(instant: Instant, branch: string | undefined): Promise<string | undefined>;
  readAudit(state: StateFacts): Promise<readonly AuditSegment[]>;
  /** The commits of the state branch that brought each segment of the trail, by the segment's path. */
  segmentCommits(state: StateFacts): Promise<ReadonlyMap<string, string>>;
  /** What commits say of themselves. */
  commitFacts(commits: readonly string[]): Promise<ReadonlyMap<string, CommitFacts>>;
  /** The history of a branch up to one of its commits. */
  past(commit: string): Promise<Past>;
  /**
   * What the commits of the state branch say the chain's head was, oldest first: for the verification of the trail.
   * Rejects with a CreError in a clone that lacks the older ones.
   */
  recordedHeads(state: StateFacts): Promise<readonly RecordedTip[]>;
}

/** Rejects with a CreError when the folder is no repository. */
export async function openReadSide(options: ReadSideOptions): Promise<ReadSide> {
  const git = new Git(options.repo, options.env);
  if ((await git.run(["rev-parse", "--git-dir"])).code !== 0) {
    throw new CreError("no-repository", `${options.repo} is no git repository`, {
      fix: "run `git init`, or point --repo at a clone",
    });
  }
  return new KnownRepository(git, await findRemote(git, options.networkTimeout ?? 10_000));
}

class KnownRepository implements ReadSide {
  readonly #git: Git;
  readonly #remote: Remote | undefined;
  readonly #states: StateReader;

  constructor(git: Git, remote: Remote | undefined) {
    this.#git = git;
    this.#remote = remote;
    this.#states = new StateReader(git);
  }

  async standing(): Promise<WorkTreeStanding> {
    const [head, tip] = [
      await resolveCommit(this.#git, "HEAD"),
      await resolveCommit(this.#git, await this.#defaultRef()),
    ];
    const folders = [...DOCUMENT_FOLDERS, ":(exclude)registry/status"];
    const changed = await this.#git.maybe([
      "status",
      "--porcelain",
      "--untracked-files=all",
      "--",
      ...folders,
    ]);
    const uncommitted = changed !== undefined && changed !== "";
    const same = head === tip || head === undefined || tip === undefined;
    const args = ["diff", "--quiet", "--no-ext-diff", head ?? "", tip ?? "", "--", ...folders];
    const differsFromTip = !same && (await this.#git.run(args)).code !== 0;
    return { head, tip, uncommitted, differsFromTip };
  }

  async filesAt(commit: string): Promise<readonly SourceFile[]> {
    return await readSources(this.#git, await listDocuments(this.#git, commit));
  }

  async readFile(commit: string, path: string): Promise<Uint8Array | undefined> {
    return await readFileAt(this.#git, commit, path);
  }

  async readState(
    named: string | undefined,
    at?: { readonly commit: string | undefined },
    evenIfBroken?: boolean,
  ): Promise<StateFacts> {
    const branch = await this.#branchOf(named);
    const commit = at === undefined ? await this.#tipOf(branch) : at.commit;
    return commit === undefined
      ? { ...EMPTY_STATE, branch }
      : await this.#states.read(branch, commit, evenIfBroken);
  }

  async resolveAsOf(text: string, named: string | undefined): Promise<AsOf> {
    return await resolveAsOf(this.#git, text, await this.#defaultRef(), await this.#stateRef(named));
  }

  async stateAt(instant: Instant, named: string | undefined): Promise<string | undefined> {
    const ref = await this.#stateRef(named);
    return ref === undefined ? undefined : (await resolveAsOf(this.#git, instant, ref, ref)).state;
  }

  async readAudit({ commit }: StateFacts): Promise<readonly AuditSegment[]> {
    return commit === undefined ? [] : await this.#states.readAudit(commit);
  }

  async segmentCommits({ commit }: StateFacts): Promise<ReadonlyMap<string, string>> {
    return commit === undefined ? new Map() : await segmentCommits(this.#git, commit);
  }

  async commitFacts(commits: readonly string[]): Promise<ReadonlyMap<string, CommitFacts>> {
    return await commitFacts(this.#git, commits);
  }

  async past(commit: string): Promise<Past> {
    return await pastOf(this.#git, commit);
  }

  async recordedHeads({ commit, branch }: StateFacts): Promise<readonly RecordedTip[]> {
    if (commit === undefined) return [];
    if (await isCut(this.#git, commit)) {
      const command = this.#remote?.fetchCommand(branch) ?? "git fetch";
      throw new CreError(
        "shallow",
        "this clone has only the newest commits of the state branch: nobody can say here whether older ones recorded another trail",
        { fix: `run: ${command.replace("git fetch", "git fetch --unshallow")}` },
      );
    }
    return await recordedHeads(this.#git, commit);
  }

  async #branchOf(named = SETTINGS_DEFAULTS.stateBranch as string): Promise<string> {
    if (named !== "same") return named;
    const ref = await this.#defaultRef();
    return ref.replace(/^refs\/(heads|remotes\/[^/]+)\//, "");
  }

  /** The ref of the default branch as this clone knows it, without asking anybody. */
  async #defaultRef(): Promise<string> {
    const remote = this.#remote;
    if (remote === undefined) {
      const detached = (await resolveCommit(this.#git, "HEAD")) !== undefined;
      try {
        return `refs/heads/${await localDefaultBranch(this.#git)}`;
      } catch (error) {
        if (error instanceof CreError && detached) return "HEAD";
        throw error;
      }
    }
    const known = await this.#git.maybe(["symbolic-ref", "--quiet", remote.tracking("HEAD")]);
    const guesses = [known, remote.tracking("main"), remote.tracking("master")];
    for (const ref of guesses) {
      if (ref !== undefined && (await resolveCommit(this.#git, ref)) !== undefined) return ref;
    }
    return "HEAD";
  }

  /** The ref that holds the state branch here: of the remote, else of this repository; undefined: neither. */
  async #stateRef(named: string | undefined): Promise<string | undefined> {
    if (named === "same") return await this.#defaultRef();
    const branch = await this.#branchOf(named);
    const refs = [this.#remote?.tracking(branch), `refs/heads/${branch}`];
    for (const ref of refs) {
      if (ref !== undefined && (await resolveCommit(this.#git, ref)) !== undefined) return ref;
    }
    return undefined;
  }

  async #tipOf(branch: string): Promise<string | undefined> {
    const isDefault = (await this.#branchOf("same")) === branch;
    const ref = await this.#stateRef(isDefault ? "same" : branch);
    if (ref !== undefined) return await resolveCommit(this.#git, ref);
    const remote = this.#remote;
    if (remote === undefined) return undefined;
    const fix = `run: ${remote.fetchCommand(branch)}`;
    let exists: boolean;
    try {
      exists = (await remote.branches([`refs/heads/${branch}`], undefined)).tips.has(branch);
    } catch (error) {
      if (!(error instanceof CreError)) throw error;
      throw new CreError(
        "state-unknown",
        `the state branch ${branch} is not in this clone, and ${remote.name} does not answer`,
        {
          ...(error.evidence === undefined ? {} : { evidence: error.evidence }),
          fix,
          cause: error,
        },
      );
    }
    if (!exists) return undefined;
    throw new CreError("state-not-fetched", `the state branch ${branch} is not in this clone`, {
      evidence: `${remote.name} has it`,
      fix,
    });
  }
}
