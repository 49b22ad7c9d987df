import { GENESIS } from "../../core/audit/entry.ts";
import type { StateFacts } from "../../core/state/facts.ts";
import type { Git } from "./git.ts";
import { isAncestor, resolveCommit } from "./objects.ts";
import type { StateReader } from "./state-reader.ts";

/**
 * What this clone remembers of the state branch, in refs of its own (`refs/cre/seen/…`), so that a branch that was
 * reset or deleted is noticed by the next run here. A fresh clone remembers nothing: there an anchored head must tell.
 */
export class Seen {
  readonly #git: Git;
  readonly #states: StateReader;

  constructor(git: Git, states: StateReader) {
    this.#git = git;
    this.#states = states;
  }

  /** The newest tip that this clone has seen. Asked before a fetch, so that the fetched tip must be at least that. */
  async newest(branch: string): Promise<string | undefined> {
    return await resolveCommit(this.#git, refOf(branch));
  }

  /** Whether a state that was fetched after `seen` was the newest tip holds what was recorded there; remembers it then. */
  async holds(state: StateFacts, seen: string | undefined): Promise<boolean> {
    if (seen === state.commit) return true;
    if (seen !== undefined && !(await this.#follows(state.commit, seen))) return false;
    if (state.commit !== undefined) await this.remember(state.branch, state.commit);
    return true;
  }

  async remember(branch: string, commit: string): Promise<void> {
    // Another process of this clone may remember at the same moment; the remote has had both.
    await this.#git.run(["update-ref", refOf(branch), commit]);
  }

  /** Whether the trail of a commit holds an entry with this hash. */
  async containsHead(commit: string | undefined, head: string): Promise<boolean> {
    if (head === GENESIS) return true;
    if (commit === undefined || !/^[0-9a-f]{64}$/.test(head)) return false;
    const args = ["grep", "-q", "--fixed-strings", "-e", `"hash":"${head}"`, commit, "--", "audit"];
    return (await this.#git.run(args)).code === 0;
  }

  /** A branch that people rewrote but whose trail is whole has lost nothing of ours. */
  async #follows(commit: string | undefined, seen: string): Promise<boolean> {
    if (commit !== undefined && (await isAncestor(this.#git, seen, commit))) return true;
    const last = await this.#states.newestEntry(seen, () => true);
    return last === undefined || (await this.containsHead(commit, last.hash));
  }
}

/** How a person accepts that the branch was reset. */
export function forgetCommand(branch: string): string {
  return `git update-ref -d ${refOf(branch)}`;
}

function refOf(branch: string): string {
  return `refs/cre/seen/${branch}`;
}
