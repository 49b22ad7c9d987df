import { basename, dirname, join, resolve, sep } from "node:path";
import type { EffectError } from "../../../core/model/errors.ts";
import { errnoOf, failed, refused } from "./failure.ts";
import type { FileSystem, OpenFile } from "./file-system.ts";

/** A folder that was looked at and is held open: its names are reached through it, wherever its path leads by then. */
export interface SafeFolder {
  readonly handle: OpenFile;
  /** Its path without links, as it was when it was opened. */
  readonly real: string;
  /** The path by which a name in it is reached. */
  at(name: string): string;
}

/** Refuses paths that are not plain, or below none of the allowed folders, by their text alone. */
export function checkPathText(path: string, allowed: readonly string[]): void {
  if (resolve(path) !== path || basename(path) === "" || path.includes("\0")) {
    throw refused("env-file-path", `env-file: ${JSON.stringify(path)} is no plain absolute path`, {
      fix: "write it without `..`, `//` or a `/` at its end",
    });
  }
  if (!allowed.some((root) => isBelow(path, root))) {
    throw refused("env-file-path", `env-file: ${path} is below none of the folders of Settings.paths`, {
      evidence: allowed.length === 0 ? "Settings.paths is empty" : `Settings.paths: ${allowed.join(", ")}`,
      fix: "have the security team add its folder to Settings.paths",
    });
  }
}

/**
 * Runs `act` in the folder of `path`. It must really be below an allowed folder, with all links followed, and nobody
 * but the owner and the group may write it, nor a folder on the way to it. Rejects with EffectError.
 */
export async function inFolder<T>(
  files: FileSystem,
  path: string,
  allowed: readonly string[],
  act: (folder: SafeFolder) => Promise<T>,
): Promise<T> {
  checkPathText(path, allowed);
  const { handle, real, held } = await openFolder(files, path);
  try {
    await checkFolder(files, path, allowed, handle, real);
    return await act({ handle, real, at: (name) => join(held ?? real, name) });
  } catch (error) {
    throw errnoOf(error) === undefined ? error : failed(path, "its folder cannot be used", error, "unknown");
  } finally {
    await handle.close();
  }
}

interface OpenFolder {
  readonly handle: OpenFile;
  /** Its path without links. */
  readonly real: string;
  /** A path that stays with the open folder, wherever the real one leads; only Linux has such names. */
  readonly held: string | undefined;
}

async function openFolder(files: FileSystem, path: string): Promise<OpenFolder> {
  let handle: OpenFile | undefined;
  try {
    const found = await files.realpath(dirname(path));
    handle = await files.openFolder(found);
    const name = `/proc/self/fd/${handle.fd}`;
    const real = process.platform === "linux" ? await files.realpath(name).catch(() => undefined) : undefined;
    return { handle, real: real ?? found, held: real === undefined ? undefined : name };
  } catch (error) {
    await handle?.close();
    throw failed(path, "its folder cannot be opened", error, "refused");
  }
}

async function checkFolder(
  files: FileSystem,
  path: string,
  allowed: readonly string[],
  handle: OpenFile,
  real: string,
): Promise<void> {
  const roots = await Promise.all(allowed.map((root) => files.realpath(root).catch(() => root)));
  const root = roots.find((candidate) => isBelow(join(real, basename(path)), candidate));
  if (root === undefined) {
    throw refused("env-file-path", `env-file: ${path} leads out of the folders of Settings.paths`, {
      evidence: `its folder is really ${real}`,
      fix: "give the real path, and have the security team add its folder to Settings.paths",
    });
  }
  if (((await handle.stat()).mode & 0o002n) !== 0n) throw writableByOthers(path, real);
  for (let above = real; above !== root && isBelow(above, root); ) {
    above = dirname(above);
    const mode = files.lstat(above)?.mode ?? 0n;
    // In a sticky folder others cannot replace what is not theirs.
    if ((mode & 0o002n) !== 0n && (mode & 0o1000n) === 0n) throw writableByOthers(path, above);
  }
}

function writableByOthers(path: string, folder: string): EffectError {
  return refused("env-file-folder", `env-file: everybody on this host can write the folder of ${path}`, {
    fix: `chmod o-w ${folder}`,
  });
}

function isBelow(path: string, root: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : root + sep);
}
