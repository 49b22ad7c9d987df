import { CreError } from "../../core/model/errors.ts";
import type { Git, GitResult } from "./git.ts";
import { pause } from "./remote.ts";

const TRIES = 6;
const IN_USE = /index\.lock/;

/** A work tree in which a branch is checked out. */
export interface Checkout {
  /**
   * Whether the files that a commit changes are as that branch has them. Rejects with a CreError that names the first
   * one that is not: what a person did there is never overwritten.
   */
  assertClean(from: string, to: string): Promise<void>;
  /**
   * Brings the changed files along after the branch moved, as `git merge --ff-only` would, and nothing else: without
   * it a person would see the machine's commit undone in `git status`, and a careless commit would undo it. False: the
   * work tree is in use just now and shows those files as changed.
   */
  follow(from: string, to: string): Promise<boolean>;
}

/** The work trees of this repository that have a branch checked out. */
export async function checkoutsOf(git: Git, branch: string): Promise<Checkout[]> {
  const listing = await git.text(["worktree", "list", "--porcelain"]);
  return listing.split("\n\n").flatMap((record) => {
    const lines = record.split("\n");
    const folder = lines.find((line) => line.startsWith("worktree "))?.slice("worktree ".length);
    if (folder === undefined || lines.includes("bare") || !lines.includes(`branch refs/heads/${branch}`)) {
      return [];
    }
    return [checkout(git.in(folder), branch)];
  });
}

function checkout(git: Git, branch: string): Checkout {
  /** Two-tree merge of just the paths that differ; waits a while for another git that works there. */
  async function move(args: readonly string[]): Promise<GitResult> {
    for (let attempt = 1; ; attempt++) {
      const result = await git.run(["read-tree", "-m", "-u", ...args]);
      if (result.code === 0 || !IN_USE.test(result.stderr) || attempt === TRIES) return result;
      await pause(25 * 2 ** attempt, undefined);
    }
  }
  return {
    async assertClean(from, to) {
      const { code, stderr } = await move(["--dry-run", from, to]);
      if (code === 0) return;
      const evidence = `${git.repo}: ${stderr.trim()}`;
      if (IN_USE.test(stderr)) {
        throw new CreError("checkout-in-use", `another git works in the checkout of ${branch}`, {
          evidence,
          fix: "wait for it; if none runs, remove the lock file that git names",
        });
      }
      throw new CreError(
        "checkout-in-the-way",
        `the checkout of ${branch} has changes in files that only the machine writes`,
        {
          evidence,
          fix: "look at them with `git status`, then: git restore --staged --worktree -- registry/status audit incidents holds requests",
        },
      );
    },
    async follow(from, to) {
      return (await move([from, to])).code === 0;
    },
  };
}
