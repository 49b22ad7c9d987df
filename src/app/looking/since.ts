import { Git } from "../../adapters/store/git.ts";
import { isShallow, resolveCommit } from "../../adapters/store/objects.ts";
import { CreError } from "../../core/model/errors.ts";
import type { LookOptions } from "./sight.ts";

/** Where the checked out commit and another one parted. */
export interface BranchPoint {
  /** The commit that the name stands for. */
  readonly ref: string;
  /** undefined: they have no commit in common here. */
  readonly base: string | undefined;
  /** The older commits are missing in this clone, so that the branch point may be among them. */
  readonly cut: boolean;
}

/** Rejects with a CreError when `since` names no commit that is here. */
export async function branchPoint({ repo, env }: LookOptions, since: string): Promise<BranchPoint> {
  const git = new Git(repo, env);
  const ref = await resolveCommit(git, since);
  if (ref === undefined) {
    throw new CreError("since-unknown", `--since ${since} names no commit of this repository.`, {
      fix: "Give a branch, tag or commit that is here, such as origin/main; in a shallow clone fetch it first.",
    });
  }
  const base = await git.maybe(["merge-base", ref, "HEAD"]);
  return { ref, base, cut: base === undefined && (await isShallow(git)) };
}
