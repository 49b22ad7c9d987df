import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, lstatSync, mkdirSync, openSync, realpathSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { CreError } from "../../core/model/errors.ts";

/**
 * Replaces a file of the work tree in one step: a crash leaves the old or the new text, never a half. Keeps the mode.
 * Refuses symbolic links and everything that lies outside of `root`.
 */
export function writeDocumentFile(root: string, file: string, text: string): void {
  const path = resolve(root, file);
  const present = lstatSync(path, { throwIfNoEntry: false });
  if (present !== undefined && !present.isFile()) throw refuse(file, "it is not a regular file");
  mkdirSync(dirname(path), { recursive: true });
  const folder = relative(realpathSync(root), realpathSync(dirname(path)));
  if (folder === ".." || folder.startsWith(`..${sep}`)) throw refuse(file, "it lies outside of the repository");
  const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
  try {
    const handle = openSync(temporary, "wx", present === undefined ? 0o644 : present.mode & 0o777);
    try {
      writeSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new CreError("file-not-written", `${file} could not be written; it is as it was.`, {
      evidence: error instanceof Error ? error.message : String(error),
      fix: "Check rights and free space, then run the command again.",
      cause: error,
    });
  }
}

function refuse(file: string, why: string): CreError {
  return new CreError("file-refused", `${file} is not written: ${why}.`, { fix: "Give a path of this repository with --file." });
}
