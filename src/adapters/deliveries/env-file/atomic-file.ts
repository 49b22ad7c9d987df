import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, realpath, rename, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { EffectError } from "../../../core/model/errors.ts";

/** Refuses every path that is not a plain file, or a free name, in a safe folder below one of `allowed`. */
export async function checkPath(path: string, allowed: readonly string[]): Promise<void> {
  const refuse = (why: string, fix: string): never => {
    throw new EffectError("refused", "env-file-path", `env-file: ${path} is refused: ${why}`, { fix, retryable: false });
  };
  if (resolve(path) !== path) refuse("it is not a plain absolute path", "write it without `..`, `//` or a `/` at its end");
  if (!allowed.some((root) => isBelow(path, root))) refuse(`it is below none of Settings.paths (${allowed.join(", ") || "empty"})`, "have the security team add the folder to Settings.paths");
  const folder = dirname(path);
  const real = await realpath(folder).catch(() => refuse("its folder does not exist", `create ${folder}`));
  const roots = await Promise.all(allowed.map((root) => realpath(root).catch(() => root)));
  if (!roots.some((root) => isBelow(join(real, basename(path)), root))) refuse("a link leads out of Settings.paths", "give the real path");
  const { mode } = await lstat(real);
  if ((mode & 0o002) !== 0) refuse("everybody on this host can write its folder", `chmod o-w ${folder}`);
  const target = await lstat(path).catch(() => undefined);
  if (target !== undefined && !target.isFile()) refuse("it is a link or no regular file", "give the path of the file itself");
}

function isBelow(path: string, root: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** The text of a file; undefined when there is none. Links are not followed. */
export async function readText(path: string): Promise<string | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw failed(path, "could not be read", error, "refused");
  }
  try {
    return await file.readFile("utf8");
  } catch (error) {
    throw failed(path, "could not be read", error, "refused");
  } finally {
    await file.close();
  }
}

/**
 * Puts a file in place whole, with mode 0600 and the owner of the one it replaces: a crash leaves the old one or the
 * new one, never half of it. Rejects with EffectError; `refused` means that nothing changed.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  const before = await lstat(path).catch(() => undefined);
  try {
    const file = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
    try {
      if (before !== undefined && process.getuid?.() === 0) await file.chown(before.uid, before.gid);
      await file.writeFile(text, "utf8");
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw failed(path, "could not be written", error, "refused");
  }
  await syncFolder(path);
}

/** Removes a file; one that is not there is fine. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw failed(path, "could not be removed", error, "refused");
  }
  await syncFolder(path);
}

async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(dirname(path), "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    throw failed(path, "was written, but may not survive a crash", error, "unknown");
  }
}

function failed(path: string, what: string, error: unknown, outcome: "refused" | "unknown"): EffectError {
  const code = codeOf(error) ?? "unknown error";
  const fix = code === "ENOSPC" ? "free space on the disk" : code === "EACCES" || code === "EPERM" ? "give the runner's user the right to write this folder" : "look at the file and its folder";
  return new EffectError(outcome, "env-file-failed", `env-file: ${path} ${what}`, { evidence: code, fix, cause: error });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
