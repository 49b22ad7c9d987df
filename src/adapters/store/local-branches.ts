import { CreError } from "../../core/model/errors.ts";
import type { Branches } from "./branches.ts";
import { checkoutsOf } from "./checkout.ts";
import type { Git } from "./git.ts";
import { resolveCommit } from "./objects.ts";

/** The branches of a repository that has no remote. */
export class LocalBranches implements Branches {
  readonly #git: Git;
  readonly #warn: (message: string) => void;

  constructor(git: Git, warn: ((message: string) => void) | undefined) {
    this.#git = git;
    this.#warn = warn ?? (() => undefined);
  }

  async defaultBranch(): Promise<string> {
    return await localDefaultBranch(this.#git);
  }

  async tip(branch: string): Promise<string | undefined> {
    return await resolveCommit(this.#git, `refs/heads/${branch}`);
  }

  async advance(
    branch: string,
    base: string | undefined,
    commit: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const checkouts = base === undefined ? [] : await checkoutsOf(this.#git, branch);
    if (base !== undefined) for (const checkout of checkouts) await checkout.assertClean(base, commit);
    signal.throwIfAborted();
    const old = base ?? "0".repeat(commit.length);
    const args = ["update-ref", "-m", "cre", `refs/heads/${branch}`, commit, old];
    const { code, stderr } = await this.#git.run(args);
    if (code !== 0) {
      if ((await this.tip(branch)) !== base) return false;
      throw new CreError("branch-not-written", `the branch ${branch} could not be written`, {
        evidence: stderr.trim(),
        fix: "check the rights, the free space and leftover *.lock files of the repository",
      });
    }
    for (const checkout of checkouts) {
      if (base !== undefined && !(await checkout.follow(base, commit))) {
        this.#warn(
          `the checkout of ${branch} is in use: run \`git restore --staged --worktree -- audit registry/status\` there`,
        );
      }
    }
    return true;
  }

  async deepen(): Promise<void> {
    // Without a remote there is nothing older to get.
  }

  async obtain(): Promise<void> {
    // Without a remote there is nobody to ask.
  }
}

/** The branch of people's documents where no remote says it: the configured first branch, `main`, `master`, or HEAD's. */
export async function localDefaultBranch(git: Git): Promise<string> {
  const head = await git.maybe(["symbolic-ref", "--quiet", "--short", "HEAD"]);
  const bare = (await git.maybe(["rev-parse", "--is-bare-repository"])) === "true";
  const configured = await git.maybe(["config", "init.defaultBranch"]);
  for (const name of bare ? [head] : [configured, "main", "master", head]) {
    if (name !== undefined && name !== "" && (await resolveCommit(git, `refs/heads/${name}`)) !== undefined) {
      return name;
    }
  }
  if (head !== undefined) return head;
  throw new CreError(
    "no-default-branch",
    "no branch holds the documents: HEAD is detached, and there is no main",
    {
      evidence: git.repo,
      fix: "check out the branch with the registry, or add the remote it came from",
    },
  );
}
