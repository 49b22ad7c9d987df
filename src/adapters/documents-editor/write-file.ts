import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { CreError } from "../../core/model/errors.ts";

/**
 * Replaces a file of the work tree in one step: a crash leaves the old or the new text, never a half. Keeps the mode;
 * makes missing folders. Refuses symbolic links and everything that lies outside of `root`, before it makes anything.
 */
export function writeDocumentFile(root: string, file: string, text: string): void {
  const path = resolve(root, file);
  const present = entryAt(path);
  if (present !== undefined && !present.isFile()) throw refuse(file, "it is not a regular file");
  if (!isInside(realpathSync(root), realpathSync(existingFolder(dirname(path))))) {
    throw refuse(file, "it lies outside of the repository");
  }
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeThrough(temporary, text, present === undefined ? 0o644 : present.mode & 0o777);
    renameSync(temporary, path);
  } catch (error) {
    if (existsSync(temporary)) rmSync(temporary);
    throw new CreError("file-not-written", `${file} could not be written; it is as it was.`, {
      evidence: error instanceof Error ? error.message : String(error),
      fix: "Check rights and free space, then run the command again.",
      cause: error,
    });
  }
}

/** What stands at a path; nothing also where a folder on the way is none. */
function entryAt(path: string): Stats | undefined {
  return existsSync(dirname(path)) && statSync(dirname(path)).isDirectory()
    ? lstatSync(path, { throwIfNoEntry: false })
    : undefined;
}

function writeThrough(path: string, text: string, mode: number): void {
  const handle = openSync(path, "wx", mode);
  try {
    writeFileSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** The folder, or the nearest one above it that is there. */
function existingFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existingFolder(dirname(folder));
}

function isInside(root: string, folder: string): boolean {
  const way = relative(root, folder);
  return way !== ".." && !way.startsWith(`..${sep}`);
}

function refuse(file: string, why: string): CreError {
  return new CreError("file-refused", `${file} is not written: ${why}.`, {
    fix: "Give a path of this repository with --file.",
  });
}
