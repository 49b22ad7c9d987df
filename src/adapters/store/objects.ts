import { CreError } from "../../core/model/errors.ts";
import type { Git } from "./git.ts";

/** One file of a commit. */
export interface TreeFile {
  readonly path: string;
  /** Object id of the content. */
  readonly blob: string;
  readonly symlink: boolean;
}

const NEWLINE = 0x0a;

/** The files below `folders` (all, when there are none) in a commit, by path; submodules are none. */
export async function listFiles(git: Git, commit: string, folders: readonly string[]): Promise<TreeFile[]> {
  const listing = await git.text(["ls-tree", "-r", "-z", "--full-tree", commit, "--", ...folders]);
  const files: TreeFile[] = [];
  for (const record of listing.split("\0")) {
    const tab = record.indexOf("\t");
    const [mode, type, blob] = record.slice(0, tab).split(" ");
    if (type !== "blob" || blob === undefined) continue;
    files.push({ path: record.slice(tab + 1), blob, symlink: mode === "120000" });
  }
  return files;
}

/** The contents of many objects, by one git process. Rejects with a CreError when one is missing. */
export async function readBlobs(git: Git, blobs: Iterable<string>): Promise<ReadonlyMap<string, Buffer>> {
  const wanted = [...new Set(blobs)];
  const found = new Map<string, Buffer>();
  if (wanted.length === 0) return found;
  const output = await git.bytes(["cat-file", "--batch", "--buffer"], { input: `${wanted.join("\n")}\n` });
  let at = 0;
  for (const blob of wanted) {
    const end = output.indexOf(NEWLINE, at);
    const [, , size] = output.toString("latin1", at, end).split(" ");
    if (size === undefined || !/^\d+$/.test(size)) {
      throw new CreError("object-missing", `object ${blob} is missing from the repository`, {
        evidence: output.toString("latin1", at, end),
        fix: "run `git fsck`; fetch again, or clone anew",
      });
    }
    const start = end + 1;
    at = start + Number(size);
    found.set(blob, output.subarray(start, at));
    at += 1; // the newline that ends each object
  }
  return found;
}

/** The content of a regular file in a commit; undefined when there is none at that path (a link is none either). */
export async function readFileAt(git: Git, commit: string, path: string): Promise<Uint8Array | undefined> {
  const files = await listFiles(git, commit, [path]);
  const file = files.find((candidate) => candidate.path === path && !candidate.symlink);
  return file === undefined ? undefined : (await readBlobs(git, [file.blob])).get(file.blob);
}

/** The commit a name stands for, or undefined. */
export async function resolveCommit(git: Git, name: string): Promise<string | undefined> {
  return await git.maybe(["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`]);
}

export async function isAncestor(git: Git, ancestor: string, commit: string): Promise<boolean> {
  return (await git.run(["merge-base", "--is-ancestor", ancestor, commit])).code === 0;
}

export async function isShallow(git: Git): Promise<boolean> {
  return (await git.maybe(["rev-parse", "--is-shallow-repository"])) === "true";
}

/** Whether the older commits of a line are missing here, as in a clone with a depth. */
export async function isCut(git: Git, commit: string): Promise<boolean> {
  if (!(await isShallow(git))) return false;
  const oldest = (await git.text(["rev-list", "--first-parent", commit, "--"])).split("\n").at(-1) ?? commit;
  const [heading = ""] = (await git.text(["cat-file", "commit", oldest])).split("\n\n");
  return /^parent /m.test(heading);
}

/**
 * Brings the contents of a commit's files into a clone that was made without them (`--filter`), in one exchange: git
 * itself would ask for one after the other. Should that fail, reading them says so.
 */
export async function bringContents(git: Git, commit: string, folders: readonly string[]): Promise<void> {
  const remote = await git.promisor();
  if (remote === undefined) return;
  const listing = await git.maybe([
    "rev-list",
    "--objects",
    "--missing=print",
    "--no-walk",
    commit,
    "--",
    ...folders,
  ]);
  const missing = (listing ?? "")
    .split("\n")
    .flatMap((line) => (line.startsWith("?") ? [line.slice(1)] : []));
  if (missing.length < 2) return;
  const quiet = ["--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--refmap="];
  await git.run(["fetch", ...quiet, "--filter=blob:none", "--stdin", "--", remote], {
    input: `${missing.join("\n")}\n`,
    config: ["fetch.negotiationAlgorithm=noop"],
  });
}
