import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DocumentsRead, readDocuments } from "../../adapters/documents/read-documents.ts";
import type { SourceFile } from "../../adapters/documents/source-file.ts";
import { readWorkTree } from "../../adapters/documents/work-tree.ts";
import { writeDocumentFile } from "../../adapters/documents-editor/write-file.ts";
import { type Kind, type Problem } from "../../core/documents/kinds.ts";
import { CreError } from "../../core/model/errors.ts";

/** The documents of a work tree as a writer found them. */
export interface WorkTree {
  readonly root: string;
  readonly files: readonly SourceFile[];
  readonly read: DocumentsRead;
}

/** A document by its kind and name. */
export interface DocumentId {
  readonly kind: Kind;
  readonly name: string;
}

export function openWorkTree(root: string): WorkTree {
  const files = readWorkTree(root);
  return { root, files, read: readDocuments(files) };
}

/**
 * The text of a file with its byte order mark; undefined where there is none yet. Throws a CreError for a file that
 * the reader of documents refuses.
 */
export function fileText({ files }: WorkTree, path: string): string | undefined {
  const file = files.find((candidate) => candidate.path === path);
  if (file === undefined) return undefined;
  try {
    if (file.symlink === true || file.unreadable !== undefined) throw new TypeError("refused");
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(file.bytes);
  } catch (error) {
    throw new CreError("file-refused", `${path} cannot be edited by a command.`, {
      fix: "`cre validate` says what is wrong with it.",
      cause: error,
    });
  }
}

/** What the work tree says with `text` in the place of a file. Nothing is written. */
function readWith(tree: WorkTree, path: string, text: string): DocumentsRead {
  const others = tree.files.filter((file) => file.path !== path);
  return readDocuments([...others, { path, bytes: new TextEncoder().encode(text) }]);
}

/**
 * Writes a file after the whole of the documents was validated with it. Throws a CreError with every problem, and
 * writes nothing, when one of the documents is not valid or anything else becomes invalid by it; what was wrong elsewhere
 * before is no obstacle. Gives the warnings of the file.
 */
export function writeValidated(
  tree: WorkTree,
  path: string,
  text: string,
  ids: readonly DocumentId[],
): readonly Problem[] {
  const after = readWith(tree, path, text);
  const before = new Map<string, number>();
  for (const problem of tree.read.problems) {
    const key = problemKey(problem);
    before.set(key, (before.get(key) ?? 0) + 1);
  }
  const added = after.problems.filter((problem) => {
    const left = before.get(problemKey(problem)) ?? 0;
    before.set(problemKey(problem), left - 1);
    return left <= 0;
  });
  const unsound = after.invalid.some(({ kind, name }) =>
    ids.some((id) => kind === id.kind && name === id.name),
  );
  const problems = added.length > 0 || !unsound ? added : after.problems.filter(({ file }) => file === path);
  if (problems.length > 0 || unsound) throw refused(path, problems);
  failIfChanged(tree, path);
  writeDocumentFile(tree.root, path, text);
  return after.warnings.filter(({ file }) => file === path);
}

function problemKey({ file, code, message }: Problem): string {
  return `${file}\n${code}\n${message}`;
}

function refused(path: string, problems: readonly Problem[]): CreError {
  const lines = problems.map(
    ({ file, line, column, code, message, fix }) => `${file}:${line}:${column}: ${code}: ${message} (${fix})`,
  );
  return new CreError(
    "write-refused",
    `${path} is left as it is: with this change documents would be invalid.`,
    {
      evidence: lines.join("\n"),
      fix: "Correct what was asked for; lines are those that the changed file would have.",
    },
  );
}

/** Somebody's editor may have saved the file while it was looked at. */
function failIfChanged({ root, files }: WorkTree, path: string): void {
  const known = files.find((file) => file.path === path)?.bytes;
  let now: Uint8Array | undefined;
  try {
    now = readFileSync(join(root, path));
  } catch {
    now = undefined;
  }
  const same =
    known === undefined ? now === undefined : now !== undefined && Buffer.compare(known, now) === 0;
  if (same) return;
  throw new CreError("file-changed", `${path} was changed by somebody else just now; nothing was written.`, {
    fix: "Run the command again.",
  });
}
