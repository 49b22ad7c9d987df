import { isDocumentPath } from "../../core/documents/document-path.ts";
import { instantOf } from "../../core/model/instant.ts";
import type { DocumentChange } from "../../core/ports/store.ts";
import { type DocumentOutline, outlinesOf } from "./document-outline.ts";
import type { Git } from "./git.ts";
import { readBlobs } from "./objects.ts";
import { DOCUMENT_FOLDERS, listDocuments } from "./source-files.ts";

/** Who brought a change into force, and when. */
type Touch = Pick<DocumentChange, "commit" | "author" | "at">;

export interface ChangedFile {
  readonly path: string;
  readonly before?: string;
  readonly after?: string;
}

/** A commit with the files of documents that it changed. */
export interface ChangedFiles {
  readonly by: Touch;
  readonly files: readonly ChangedFile[];
}

const FORMAT = "--format=%x01%H%x00%an <%ae>%x00%ct";
const RAW = ["--raw", "-z", "--no-abbrev", "--no-renames", FORMAT];
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

/** What each commit of the first-parent line after `since` (undefined: of all of it) changed, oldest first. */
export async function changesOnLine(
  git: Git,
  since: string | undefined,
  commit: string,
  signal: AbortSignal,
): Promise<DocumentChange[]> {
  const range = since === undefined ? commit : `${since}..${commit}`;
  const args = [
    "log",
    "--first-parent",
    "--reverse",
    "-m",
    "--root",
    ...RAW,
    range,
    "--",
    ...DOCUMENT_FOLDERS,
  ];
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
  return await compare(git, await attributed(git, touched, commit, signal), signal);
}

/** Every document of a commit as added, each with the newest commit that touched its file. */
export async function allAsAdded(git: Git, commit: string, signal: AbortSignal): Promise<DocumentChange[]> {
  const files = (await listDocuments(git, commit)).map(({ path, blob }) => ({ path, after: blob }));
  return await compare(git, await attributed(git, files, commit, signal), signal);
}

/** Puts each file to the newest commit of the first-parent line that touched it, else to `commit` itself. */
async function attributed(
  git: Git,
  files: readonly ChangedFile[],
  commit: string,
  signal: AbortSignal,
): Promise<ChangedFiles[]> {
  const newest = new Map<string, Touch>();
  for (const { by, files: touched } of await lineOf(git, commit, signal)) {
    for (const { path } of touched) if (!newest.has(path)) newest.set(path, by);
  }
  const [tip] = parseLog(await git.text(["log", "-1", "--no-patch", FORMAT, commit]));
  const groups = Map.groupBy(files, ({ path }) => newest.get(path) ?? tip?.by);
  return [...groups].flatMap(([by, group]) => (by === undefined ? [] : [{ by, files: group }]));
}

/** The commits of the first-parent line up to `commit` that touched files of documents, newest first. */
export async function lineOf(git: Git, commit: string, signal: AbortSignal): Promise<ChangedFiles[]> {
  const args = ["log", "--first-parent", "-m", "--root", ...RAW, commit, "--", ...DOCUMENT_FOLDERS];
  return parseLog(await git.text(args, { signal }));
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
  return commits.flatMap(({ by, files: touched }) => {
    const before = byIdentity(touched.flatMap(({ path, before: blob }) => placed(path, blob)));
    const after = byIdentity(touched.flatMap(({ path, after: blob }) => placed(path, blob)));
    return differences(before, after, by);
  });
}

function byIdentity(documents: readonly DocumentOutline[]): ReadonlyMap<string, DocumentOutline> {
  return new Map(documents.map((document) => [`${document.kind}/${document.name}`, document]));
}

function differences(
  before: ReadonlyMap<string, DocumentOutline>,
  after: ReadonlyMap<string, DocumentOutline>,
  by: Touch,
): DocumentChange[] {
  const gone = new Map([...before].filter(([identity]) => !after.has(identity)));
  const found: DocumentChange[] = [];
  for (const [identity, { kind, name, formerNames, body, digest, file }] of after) {
    const same = before.get(identity);
    if (same !== undefined) {
      if (same.digest !== digest || same.file !== file) {
        found.push({ change: "changed", kind, name, file, ...by });
      }
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
  for (const { kind, name, file, retiredAt } of gone.values()) {
    const retired = retiredAt === undefined ? {} : { retiredAt };
    found.push({ change: "removed", kind, name, file, ...retired, ...by });
  }
  return found;
}

/** A credential is renamed only by `formerNames`, which its record follows; of the other kinds a look can tell. */
function isRenamedInPlace(
  former: DocumentOutline,
  now: { readonly body: string; readonly file: string },
): boolean {
  return former.kind !== "Credential" && former.body === now.body && former.file === now.file;
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
      return { by: { commit, author, at: instantOf(Number(time)) }, files };
    });
}

/** `:oldmode newmode old new status`, then the path, each ended by NUL. */
export function parseFiles(
  tokens: readonly string[],
  isMeant: (path: string) => boolean = isDocumentPath,
): ChangedFile[] {
  const files: ChangedFile[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const head = tokens[at]?.trim() ?? "";
    if (!head.startsWith(":")) continue;
    const path = tokens[at + 1] ?? "";
    at += 1;
    const [oldMode = "", newMode = "", before = "", after = ""] = head.slice(1).split(" ");
    if (!isMeant(path)) continue;
    const file = (mode: string, blob: string) => mode.startsWith("100") && !ABSENT.test(blob);
    files.push({
      path,
      ...(file(oldMode, before) ? { before } : {}),
      ...(file(newMode, after) ? { after } : {}),
    });
  }
  return files;
}
