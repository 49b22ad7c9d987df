import { CreError } from "../../core/model/errors.ts";
import type { Branches } from "./branches.ts";
import { fullDisk, type Git } from "./git.ts";
import { isAncestor, isShallow, resolveCommit } from "./objects.ts";
import { pause, type Remote } from "./remote.ts";

/** How often a push whose outcome is unknown is looked after, and sent again if it did not arrive. */
const ATTEMPTS = 3;

/** The branches of the remote, moved by plain pushes. */
export class RemoteBranches implements Branches {
  readonly #git: Git;
  readonly #remote: Remote;

  constructor(git: Git, remote: Remote) {
    this.#git = git;
    this.#remote = remote;
  }

  async defaultBranch(signal: AbortSignal): Promise<string> {
    return await this.#remote.defaultBranch(signal);
  }

  async tip(branch: string, signal: AbortSignal): Promise<string | undefined> {
    return await this.#remote.fetch(branch, signal);
  }

  async advance(
    branch: string,
    base: string | undefined,
    commit: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    let words = "";
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const pushed = await this.#remote.push(commit, branch, signal);
      if (pushed.verdict === "accepted") {
        await this.#track(branch, base, commit);
        return true;
      }
      if (pushed.verdict === "moved") return false;
      words = pushed.words;
      // A push that ended without a clear answer may have been applied: only the branch itself knows.
      const found = await this.#settle(branch, base, commit, signal);
      if (found === "arrived") return true;
      if (pushed.verdict === "refused") throw refused(this.#remote.name, branch, words);
      if (found === "moved") return false;
      if (found === "absent" && pushed.denied) throw this.#remote.unreachable({ stderr: words });
      if (attempt < ATTEMPTS) await pause(150 * 3 ** attempt * (0.5 + Math.random()), signal);
    }
    if (fullDisk(words) === "remote") throw refused(this.#remote.name, branch, words);
    throw new CreError("push-failed", `the push to ${branch} got no clear answer from ${this.#remote.name}`, {
      evidence: words,
      fix: "check the remote, then run again: what did arrive is found and gone on with",
    });
  }

  async deepen(branch: string, reached: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
    for (const by of [50, 500, "all"] as const) {
      if ((await reached()) || !(await isShallow(this.#git))) return;
      await this.#remote.deepen(branch, by, signal);
    }
  }

  async obtain(commit: string, signal: AbortSignal): Promise<void> {
    await this.#remote.fetchCommit(commit, signal);
  }

  async #settle(
    branch: string,
    base: string | undefined,
    commit: string,
    signal: AbortSignal,
  ): Promise<"arrived" | "moved" | "absent" | "unknown"> {
    try {
      const tip = await this.#remote.fetch(branch, signal);
      if (tip === commit || (tip !== undefined && (await isAncestor(this.#git, commit, tip)))) {
        return "arrived";
      }
      return tip === base ? "absent" : "moved";
    } catch (error) {
      signal.throwIfAborted();
      // Where nothing can be fetched to, asking again tells nothing.
      if (error instanceof CreError && error.code === "disk-full") throw error;
      if (error instanceof CreError) return "unknown";
      throw error;
    }
  }

  /** A clone of a single branch does not learn of its own push; what reads this clone afterwards should. */
  async #track(branch: string, base: string | undefined, commit: string): Promise<void> {
    const ref = this.#remote.tracking(branch);
    if ((await resolveCommit(this.#git, ref)) === commit) return;
    await this.#git.run(["update-ref", ref, commit, base ?? "0".repeat(commit.length)]);
  }
}

function refused(remote: string, branch: string, words: string): CreError {
  if (fullDisk(words) !== undefined) {
    return new CreError(
      "remote-full",
      `${remote} cannot take the push to ${branch}: no space is left there`,
      {
        evidence: words,
        fix: "free some space on the remote's disk, or raise its quota, then run again",
      },
    );
  }
  return new CreError("push-refused", `${remote} refuses the push to ${branch}`, {
    evidence: words,
    fix: `let this runner's account write ${branch} (branch protection, rulesets, hooks), or set another Settings.state.branch`,
  });
}
