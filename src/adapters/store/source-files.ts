import { dirname, join, normalize } from "node:path/posix";
import { isDocumentPath, isMachineFolder } from "../../core/documents/document-path.ts";
import type { Documents, Problem } from "../../core/documents/kinds.ts";
import type { Git } from "./git.ts";
import { bringContents, listFiles, readBlobs, type TreeFile } from "./objects.ts";

/** A file of people, as it stands in a commit. */
export interface SourceFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly blob?: string;
  /** A link: its content is the target's path, and it is never followed. */
  readonly symlink?: true;
}

/** What the reader of documents makes of a set of files. */
export interface DocumentsRead {
  readonly documents: Documents;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly count: number;
}

export type ReadDocuments = (files: readonly SourceFile[]) => DocumentsRead | Promise<DocumentsRead>;

export const DOCUMENT_FOLDERS = ["registry", "policies", "exceptions"] as const;

/**
 * The files of documents in a commit, without their content. A link to a folder is among them, its path ended by `/`:
 * the documents behind it would go unread, so the reader must refuse it.
 */
export async function listDocuments(git: Git, commit: string): Promise<TreeFile[]> {
  await bringContents(git, commit, DOCUMENT_FOLDERS);
  const files = await listFiles(git, commit, DOCUMENT_FOLDERS);
  const documents = files.filter(({ path }) => isDocumentPath(path));
  const links = files.filter(
    ({ path, symlink }) => symlink && !isDocumentPath(path) && !isMachineFolder(path),
  );
  if (links.length === 0) return documents;
  const targets = await readBlobs(
    git,
    links.map(({ blob }) => blob),
  );
  for (const { path, blob } of links) {
    const target = normalize(join(dirname(path), targets.get(blob)?.toString("utf8") ?? ""));
    if (await isFolder(git, commit, target)) documents.push({ path: `${path}/`, blob, symlink: true });
  }
  return documents;
}

/** A place outside of the repository may be one, too. */
async function isFolder(git: Git, commit: string, path: string): Promise<boolean> {
  if (path.startsWith("/") || path.startsWith("..")) return true;
  return (await git.maybe(["cat-file", "-t", `${commit}:${path.replace(/\/$/, "")}`])) === "tree";
}

/** The files of documents with their content, by one git process. */
export async function readSources(git: Git, files: readonly TreeFile[]): Promise<SourceFile[]> {
  const contents = await readBlobs(
    git,
    files.map(({ blob }) => blob),
  );
  return files.map(({ path, blob, symlink }) => ({
    path,
    blob,
    bytes: contents.get(blob) ?? Buffer.alloc(0),
    ...(symlink ? { symlink: true } : {}),
  }));
}
