import type { Documents, Problem } from "../../core/documents/kinds.ts";
import type { Git } from "./git.ts";
import { listFiles, readBlobs, type TreeFile } from "./objects.ts";

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

/** Whether people's documents may stand in it: YAML in their folders, but no test of a policy and no file of the machine. */
export function isDocumentPath(path: string): boolean {
  const folder = path.slice(0, path.indexOf("/"));
  return (
    DOCUMENT_FOLDERS.some((name) => name === folder) &&
    /\.ya?ml$/i.test(path) &&
    !/\.test\.ya?ml$/i.test(path) &&
    !/^registry\/(status|schema)\//.test(path)
  );
}

/** The files of documents in a commit, without their content. */
export async function listDocuments(git: Git, commit: string): Promise<TreeFile[]> {
  return (await listFiles(git, commit, DOCUMENT_FOLDERS)).filter(({ path }) => isDocumentPath(path));
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
