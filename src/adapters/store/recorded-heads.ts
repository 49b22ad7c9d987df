import type { RecordedHead } from "../../core/audit/verify.ts";
import type { Git } from "./git.ts";

/** A commit of the state branch with the head it recorded. */
export interface RecordedTip extends RecordedHead {
  readonly commit: string;
}

/**
 * The `Audit-Head:` of every commit up to this one, oldest first. A commit by hand that removes or rewrites entries
 * leaves those before it in place, so the verification finds it without an anchor.
 */
export async function recordedHeads(git: Git, commit: string): Promise<RecordedTip[]> {
  const format = "--format=%H%x09%cI%x09%(trailers:key=Audit-Head,valueonly,separator=%x20)";
  const log = await git.text(["log", "--first-parent", "--reverse", format, commit, "--"]);
  return log.split("\n").flatMap((line) => {
    const [id = "", time = "", trailer = ""] = line.split("\t");
    const [head] = /[0-9a-f]{64}/.exec(trailer) ?? [];
    return head === undefined
      ? []
      : [{ hash: head, commit: id, where: `commit ${id.slice(0, 12)} of ${time}` }];
  });
}
