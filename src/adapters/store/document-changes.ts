import { type Instant, instantOf } from "../../core/model/instant.ts";
import type { DocumentChange } from "../../core/ports/store.ts";
import { type DocumentOutline, outlinesOf } from "./document-outline.ts";
import type { Git } from "./git.ts";
import { readBlobs } from "./objects.ts";
import { DOCUMENT_FOLDERS, isDocumentPath, listDocuments } from "./source-files.ts";

/** A commit with the files of documents that it changed. */
interface ChangedFiles {
  readonly commit: string;
  readonly author: string;
  readonly at: Instant;
  readonly files: readonly { readonly path: string; readonly before?: string; readonly after?: string }[];
}

const RAW = ["--raw", "-z", "--no-abbrev", "--no-renames", "--format=%x01%H%x00%an <%ae>%x00%ct"];
const ABSENT = /^0+$/;

/** The changes that the commits of the first-parent line between two commits made, oldest first. */
export async function changesBetween(
  git: Git,
  known: string,
  commit: string,
  signal: AbortSignal,
): Promise<DocumentChange[]> {
  const range = `${known}..${commit}`;
  const line = (await git.text(["rev-list", "--first-parent", range], { signal })).split("\n");
  const oldest = line.at(-1) ?? "";
  const straight =
    oldest !== "" && (await git.maybe(["rev-parse", "--verify", "--quiet", `${oldest}^1`])) === known;
  if (!straight) return await netChanges(git, known, commit, signal);
  const args = ["log", "--first-parent", "--reverse", "-m", ...RAW, range, "--", ...DOCUMENT_FOLDERS];
  return await compare(git, parseLog(await git.text(args, { signal })), signal);
}

/** What differs between two commits that no straight line joins, each file with the newest commit that touched it. */
export async function netChanges(
  git: Git,
  known: string,
  commit: string,
  signal: AbortSignal,
): Promise<DocumentChange[]> {
  const args = [
    "diff-tree",
    "-r",
    "--raw",
    "-z",
    "--no-abbrev",
    "--no-renames",
    known,
    commit,
    "--",
    ...DOCUMENT_FOLDERS,
  ];
  const touched = parseFiles((await git.text(args, { signal })).split("\0"));
  const newest = await newestTouch(git, commit, signal);
  const tip = await authorOf(git, commit);
  const changes = touched.map((file): ChangedFiles => ({ ...(newest.get(file.path) ?? tip), files: [file] }));
  return await compare(git, joined(changes), signal);
}

/** Every document of a commit as added, each with the newest commit that touched its file. */
export async function allAsAdded(git: Git, commit: string, signal: AbortSignal): Promise<DocumentChange[]> {
  const newest = await newestTouch(git, commit, signal);
  const tip = await authorOf(git, commit);
  const files = await listDocuments(git, commit);
  const changes = files.map(({ path, blob }): ChangedFiles => {
    return { ...(newest.get(path) ?? tip), files: [{ path, after: blob }] };
  });
  return await compare(git, joined(changes), signal);
}

/** One comparison for all files of a change that no history orders, so that a document may move between files. */
function joined(changes: readonly ChangedFiles[]): ChangedFiles[] {
  const byCommit = Map.groupBy(changes, ({ commit }) => commit);
  return [...byCommit.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, files: group.flatMap(({ files }) => files) }];
  });
}

async function compare(
  git: Git,
  commits: readonly ChangedFiles[],
  signal: AbortSignal,
): Promise<DocumentChange[]> {
  const files = commits.flatMap((commit) => commit.files);
  const blobs = files.flatMap(({ before, after }) => [before, after].filter((blob) => blob !== undefined));
  signal.throwIfAborted();
  const contents = await readBlobs(git, blobs);
  const outlines = new Map<string, readonly DocumentOutline[]>();
  const placed = (path: string, blob: string | undefined): readonly DocumentOutline[] => {
    if (blob === undefined) return [];
    const key = `${blob} ${path}`;
    let known = outlines.get(key);
    known ??= outlinesOf(path, contents.get(blob) ?? Buffer.alloc(0));
    outlines.set(key, known);
    return known;
  };
  return commits.flatMap(({ commit, author, at, files: touched }) => {
    const before = byIdentity(touched.flatMap(({ path, before: blob }) => placed(path, blob)));
    const after = byIdentity(touched.flatMap(({ path, after: blob }) => placed(path, blob)));
    return differences(before, after, { commit, author, at });
  });
}

function byIdentity(documents: readonly DocumentOutline[]): ReadonlyMap<string, DocumentOutline> {
  return new Map(documents.map((document) => [`${document.kind}/${document.name}`, document]));
}

function differences(
  before: ReadonlyMap<string, DocumentOutline>,
  after: ReadonlyMap<string, DocumentOutline>,
  by: Pick<DocumentChange, "commit" | "author" | "at">,
): DocumentChange[] {
  const gone = new Map([...before].filter(([identity]) => !after.has(identity)));
  const found: DocumentChange[] = [];
  for (const [identity, { kind, name, formerNames, body, digest, file }] of after) {
    const same = before.get(identity);
    if (same !== undefined) {
      if (same.digest !== digest || same.file !== file)
        found.push({ change: "changed", kind, name, file, ...by });
      continue;
    }
    const former = [...gone.values()].find(
      (other) =>
        other.kind === kind && (formerNames.includes(other.name) || isRenamedInPlace(other, { body, file })),
    );
    if (former === undefined) {
      found.push({ change: "added", kind, name, file, ...by });
    } else {
      gone.delete(`${kind}/${former.name}`);
      found.push({ change: "renamed", kind, name, formerName: former.name, file, ...by });
    }
  }
  for (const { kind, name, file } of gone.values())
    found.push({ change: "removed", kind, name, file, ...by });
  return found;
}

/** A credential is renamed only by `formerNames`, which its record follows; of the other kinds a look can tell. */
function isRenamedInPlace(
  former: DocumentOutline,
  now: { readonly body: string; readonly file: string },
): boolean {
  return former.kind !== "Credential" && former.body === now.body && former.file === now.file;
}

/** The newest commit on the first-parent line that touched each file. */
async function newestTouch(
  git: Git,
  commit: string,
  signal: AbortSignal,
): Promise<Map<string, Omit<ChangedFiles, "files">>> {
  const args = ["log", "--first-parent", "-m", "--root", ...RAW, commit, "--", ...DOCUMENT_FOLDERS];
  const newest = new Map<string, Omit<ChangedFiles, "files">>();
  for (const { files, ...touch } of parseLog(await git.text(args, { signal }))) {
    for (const { path } of files) if (!newest.has(path)) newest.set(path, touch);
  }
  return newest;
}

async function authorOf(git: Git, commit: string): Promise<Omit<ChangedFiles, "files">> {
  const [only] = parseLog(
    await git.text(["log", "-1", "--no-patch", "--format=%x01%H%x00%an <%ae>%x00%ct", commit]),
  );
  return { commit, author: only?.author ?? "", at: only?.at ?? instantOf(0) };
}

function parseLog(output: string): ChangedFiles[] {
  return output
    .split("\u0001")
    .filter((record) => record !== "")
    .map((record) => {
      const [commit = "", author = "", seconds = "", ...rest] = record.split("\0");
      // git writes the newline between the heading and the files in front of the first of these.
      const [time = "", first = ""] = seconds.split("\n");
      const files = parseFiles(first === "" ? rest : [first, ...rest]);
      return { commit, author, at: instantOf(Number(time)), files };
    });
}

/** `:oldmode newmode old new status`, then the path, each ended by NUL. */
function parseFiles(tokens: readonly string[]): ChangedFiles["files"] {
  const files: { path: string; before?: string; after?: string }[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const head = tokens[at]?.trim() ?? "";
    if (!head.startsWith(":")) continue;
    const path = tokens[at + 1] ?? "";
    at += 1;
    const [oldMode = "", newMode = "", before = "", after = ""] = head.slice(1).split(" ");
    if (!isDocumentPath(path)) continue;
    const file = (mode: string, blob: string) => mode.startsWith("100") && !ABSENT.test(blob);
    files.push({
      path,
      ...(file(oldMode, before) ? { before } : {}),
      ...(file(newMode, after) ? { after } : {}),
    });
  }
  return files;
}
