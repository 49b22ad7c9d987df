import { type Instant, instantOf } from "../../core/model/instant.ts";
import type { Git } from "./git.ts";

/** What a commit says of itself; nobody else vouches for it. */
export interface CommitFacts {
  readonly author: string;
  /** When it was committed. */
  readonly at: Instant;
  /** The first line of its message. */
  readonly subject: string;
  /** The commit before it on its branch; undefined: it is the first. */
  readonly parent: string | undefined;
}

/** What these commits say of themselves. */
export async function commitFacts(
  git: Git,
  commits: readonly string[],
): Promise<ReadonlyMap<string, CommitFacts>> {
  if (commits.length === 0) return new Map();
  const args = ["log", "--no-walk=unsorted", "--stdin", "-z", "--format=%H%x01%an <%ae>%x01%ct%x01%P%x01%s"];
  const log = await git.text(args, { input: `${commits.join("\n")}\n` });
  return new Map(
    log
      .split("\0")
      .filter((record) => record !== "")
      .map((record): [string, CommitFacts] => {
        const [commit = "", author = "", seconds = "0", parents = "", subject = ""] = record.split("\x01");
        const parent = parents === "" ? undefined : parents.split(" ")[0];
        return [commit.trim(), { author, at: instantOf(Number(seconds)), subject, parent }];
      }),
  );
}
