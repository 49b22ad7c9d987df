import type { Git } from "./git.ts";

/** The commits of the state branch that brought each segment of the trail, by the segment's path. */
export async function segmentCommits(git: Git, tip: string): Promise<ReadonlyMap<string, string>> {
  const args = [
    "log",
    "--first-parent",
    "--diff-filter=A",
    "--name-only",
    "-z",
    "--format=%x01%H",
    tip,
    "--",
    "audit",
  ];
  const commits = new Map<string, string>();
  for (const record of (await git.text(args)).split("\x01")) {
    const [commit = "", ...paths] = record.split("\0").map((text) => text.trim());
    for (const path of paths) if (path !== "") commits.set(path, commit);
  }
  return commits;
}
