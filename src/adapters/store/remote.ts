import { CreError } from "../../core/model/errors.ts";
import { diskFull, fullDisk, type Git, type GitResult } from "./git.ts";
import { isShallow, resolveCommit } from "./objects.ts";

/** What a push that ended says. `unknown`: it may have been applied, ask the remote. */
export type PushVerdict =
  | { readonly verdict: "accepted" }
  | { readonly verdict: "moved" }
  | { readonly verdict: "refused"; readonly words: string }
  | { readonly verdict: "unknown"; readonly words: string; readonly denied: boolean };

/** Words by which servers say that somebody else was quicker, without saying that the branch moved. */
const RACE =
  /failed to update ref|cannot lock ref|incorrect old value|already exists|fetch first|non-fast-forward|stale info/i;
const DENIED =
  /\b40[13]\b|denied|authentication failed|could not read (username|password)|not permitted|read-only|archived|terminal prompts disabled/i;
const NO_SUCH_BRANCH = /couldn't find remote ref/i;
const LOCKED = /cannot lock ref|unable to create '.*\.lock'|index\.lock|shallow file has changed/i;
const LOCK_RETRIES = 8;

/** One remote of a repository. */
export class Remote {
  readonly name: string;
  #whole = false;
  readonly #git: Git;
  readonly #timeout: number;
  #ssh: Promise<Record<string, string>> | undefined;
  #defaultBranch: string | undefined;

  constructor(git: Git, name: string, timeout: number) {
    this.#git = git;
    this.name = name;
    this.#timeout = timeout;
  }

  /** The ref by which this repository knows a branch of the remote. */
  tracking(branch: string): string {
    return `refs/remotes/${this.name}/${branch}`;
  }

  /** The command that a person runs to know a branch. */
  fetchCommand(branch: string): string {
    return `git fetch ${this.name} +refs/heads/${branch}:${this.tracking(branch)}`;
  }

  /** Name of the branch that the remote calls its own; asked once. Rejects with a CreError. */
  async defaultBranch(signal: AbortSignal | undefined): Promise<string> {
    this.#defaultBranch ??= await this.#askDefaultBranch(signal);
    return this.#defaultBranch;
  }

  /** Branches of the remote with their tips. Rejects with a CreError when it does not answer. */
  async branches(
    patterns: readonly string[],
    signal: AbortSignal | undefined,
    timeout = this.#timeout,
  ): Promise<{ readonly head: string | undefined; readonly tips: ReadonlyMap<string, string> }> {
    const args = ["ls-remote", "--symref", "--", this.name, ...patterns];
    const result = await this.#run(args, signal, timeout);
    if (result.code !== 0) throw this.unreachable(result);
    const tips = new Map<string, string>();
    const symbolic = "ref: refs/heads/";
    let head: string | undefined;
    for (const line of result.stdout.toString("utf8").split("\n")) {
      const [value = "", ref = ""] = line.split("\t");
      if (ref === "HEAD" && value.startsWith(symbolic)) head = value.slice(symbolic.length);
      if (ref.startsWith("refs/heads/")) tips.set(ref.slice("refs/heads/".length), value);
    }
    return { head, tips };
  }

  /**
   * Fetches one branch into its tracking ref and gives its tip; undefined when the remote has no such branch. Other
   * refs stay as they are. In a shallow clone a branch that was unknown comes without its history.
   */
  async fetch(branch: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    const tracking = this.tracking(branch);
    const shallow = (await this.#isShallow()) && (await resolveCommit(this.#git, tracking)) === undefined;
    const result = await this.#fetch(branch, shallow ? ["--depth=1"] : [], signal);
    if (result.code === 0) return await resolveCommit(this.#git, tracking);
    if (NO_SUCH_BRANCH.test(result.stderr)) return undefined;
    throw this.unreachable(result);
  }

  /** A clone with all of its history stays one: asked until it is known. */
  async #isShallow(): Promise<boolean> {
    if (this.#whole) return false;
    const shallow = await isShallow(this.#git);
    this.#whole = !shallow;
    return shallow;
  }

  /** Fetches older commits of a branch into a shallow clone; `all` of them, or so many more. */
  async deepen(branch: string, by: number | "all", signal: AbortSignal | undefined): Promise<void> {
    const result = await this.#fetch(branch, [by === "all" ? "--unshallow" : `--deepen=${by}`], signal);
    if (result.code !== 0) throw this.unreachable(result);
  }

  /** Tries to get one commit that no branch leads to any more. */
  async fetchCommit(commit: string, signal: AbortSignal | undefined): Promise<void> {
    const depth = (await isShallow(this.#git)) ? ["--depth=1"] : [];
    await this.#run(["fetch", ...QUIET_FETCH, ...depth, "--", this.name, commit], signal);
  }

  /** Pushes a commit as the new tip of a branch: a plain push, which only ever moves a branch forward or creates it. */
  async push(commit: string, branch: string, signal: AbortSignal | undefined): Promise<PushVerdict> {
    const refspec = `${commit}:refs/heads/${branch}`;
    const args = ["push", "--porcelain", "--no-verify", "--", this.name, refspec];
    return verdictOf(await this.#run(args, signal), branch);
  }

  /** Why an exchange with the remote failed, for people. */
  unreachable({ stderr }: Pick<GitResult, "stderr">): CreError {
    if (fullDisk(stderr) === "here") return diskFull(wordsOf(stderr));
    if (LOCKED.test(stderr)) return locked(wordsOf(stderr));
    const denied = DENIED.test(stderr);
    return new CreError(
      denied ? "remote-denied" : "remote-unreachable",
      denied ? `the remote ${this.name} refuses access` : `the remote ${this.name} cannot be reached`,
      {
        evidence: wordsOf(stderr),
        fix: denied
          ? "give this runner's git a credential that may read and push (in a workflow: permissions, contents: write)"
          : `check the network and \`git remote get-url ${this.name}\`, then run again`,
      },
    );
  }

  async #fetch(
    branch: string,
    depth: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<GitResult> {
    const refspec = `+refs/heads/${branch}:${this.tracking(branch)}`;
    const args = ["fetch", ...QUIET_FETCH, "--refmap=", ...depth, "--", this.name, refspec];
    for (let attempt = 1; ; attempt++) {
      const result = await this.#run(args, signal);
      // Another process of the same checkout fetches the same branch just now.
      const busy = result.code !== 0 && LOCKED.test(result.stderr) && fullDisk(result.stderr) === undefined;
      if (!busy || attempt === LOCK_RETRIES) return result;
      await pause(20 * 2 ** attempt * (0.5 + Math.random()), signal);
    }
  }

  async #askDefaultBranch(signal: AbortSignal | undefined): Promise<string> {
    const asked = await this.branches(["HEAD"], signal);
    if (asked.head !== undefined) return asked.head;
    // A bare repository whose HEAD names a branch that nobody pushed.
    const { tips } = await this.branches(["refs/heads/*"], signal);
    const known = await this.#git.maybe(["symbolic-ref", "--quiet", this.tracking("HEAD")]);
    const candidates = [known?.slice(this.tracking("").length), "main", "master"];
    const only = tips.size === 1 ? [...tips.keys()][0] : undefined;
    const found = only ?? candidates.find((name) => name !== undefined && tips.has(name));
    if (found !== undefined) return found;
    throw new CreError("no-default-branch", `the remote ${this.name} has no default branch`, {
      evidence: tips.size === 0 ? "it has no branch at all" : `its branches: ${[...tips.keys()].join(", ")}`,
      fix: tips.size === 0 ? "push the repository first" : "set the default branch (HEAD) of the remote",
    });
  }

  async #run(
    args: readonly string[],
    signal: AbortSignal | undefined,
    timeout = this.#timeout,
  ): Promise<GitResult> {
    this.#ssh ??= this.#quietSsh();
    // A mirror would push all it has; we push one commit.
    const config = [`remote.${this.name}.mirror=false`];
    return await this.#git.run(args, { signal, timeout, config, env: await this.#ssh });
  }

  /** Where nobody configured ssh, it must not ask a person for a password or hang for ever. */
  async #quietSsh(): Promise<Record<string, string>> {
    const configured =
      this.#git.configuresSsh || (await this.#git.maybe(["config", "core.sshCommand"])) !== undefined;
    if (configured) return {};
    return {
      GIT_SSH_COMMAND:
        "ssh -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=10 -o ServerAliveCountMax=3",
    };
  }
}

const QUIET_FETCH = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"];

/** The remote of a repository: `origin`, or the only one; undefined when there is none. Rejects with a CreError. */
export async function findRemote(git: Git, timeout: number): Promise<Remote | undefined> {
  const names = (await git.text(["remote"])).split("\n").filter((name) => name !== "");
  const name = names.includes("origin") ? "origin" : names[0];
  if (name === undefined) return undefined;
  if (name !== "origin" && names.length > 1) {
    throw new CreError("which-remote", "several remotes, and none of them is called origin", {
      evidence: names.join(", "),
      fix: "rename the one that holds the registry: git remote rename NAME origin",
    });
  }
  return new Remote(git, name, timeout);
}

function locked(words: string): CreError {
  return new CreError(
    "repository-locked",
    "another git works in this clone, or one that died left its lock",
    {
      evidence: words,
      fix: "wait for it; if none runs, remove the lock file that git names, then run again",
    },
  );
}

function verdictOf({ code, stdout, stderr }: GitResult, branch: string): PushVerdict {
  const line = stdout
    .toString("utf8")
    .split("\n")
    .find((candidate) => candidate.split("\t")[1]?.split(":")[1] === `refs/heads/${branch}`);
  const [flag, , summary = ""] = line?.split("\t") ?? [];
  if (code === 0 && flag !== undefined && flag !== "!") return { verdict: "accepted" };
  if (summary.startsWith("[rejected]")) return { verdict: "moved" };
  if (summary.startsWith("[remote rejected]") && !RACE.test(summary)) {
    return { verdict: "refused", words: wordsOf(`${summary}\n${stderr}`) };
  }
  return { verdict: "unknown", words: wordsOf(`${summary}\n${stderr}`), denied: DENIED.test(stderr) };
}

/** The lines of git's output that say something to a person. */
function wordsOf(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/^(To |hint:|error: failed to push some refs)/.test(line))
    .join("\n");
}

export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  const { setTimeout } = await import("node:timers/promises");
  await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal });
}
