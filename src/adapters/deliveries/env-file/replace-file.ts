import { randomUUID } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { errnoOf, failed, refused } from "./failure.ts";
import type { FileSystem, OpenFile } from "./file-system.ts";
import type { SafeFolder } from "./safe-folder.ts";

const LARGEST_FILE = 1024 * 1024;

/** A name in a safe folder; `path` is what people are told. */
export interface Place {
  readonly files: FileSystem;
  readonly folder: SafeFolder;
  readonly path: string;
  readonly name: string;
  /** How the names of half-made files of this credential begin: only its own are ever removed. */
  readonly temporary: string;
}

/** A file as it was read. */
export interface Content {
  /** One character per byte. */
  readonly text: string;
  readonly facts: BigIntStats;
}

/** Reads a regular file that has this one name; undefined when there is none. Links are refused. */
export async function readContent({ files, folder, path, name }: Place): Promise<Content | undefined> {
  let file: OpenFile;
  try {
    file = await files.openToRead(folder.at(name));
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    if (errnoOf(error) === "ELOOP") throw notPlain(path, "a link");
    throw failed(path, "it cannot be read", error, "refused");
  }
  try {
    const facts = await file.stat();
    if (!facts.isFile()) throw notPlain(path, "no regular file");
    if (facts.nlink > 1n) throw notPlain(path, "one of several names of the same file");
    if (facts.size > LARGEST_FILE) throw notPlain(path, "larger than 1 MiB");
    const text = (await file.read()).toString("latin1");
    if (text.includes("\0")) throw notPlain(path, "no text that shells can read");
    return { text, facts };
  } catch (error) {
    throw errnoOf(error) === undefined ? error : failed(path, "it cannot be read", error, "refused");
  } finally {
    await file.close();
  }
}

function notPlain(path: string, what: string): Error {
  return refused("env-file-target", `env-file: ${path} is ${what}`, {
    fix: "put a regular file of its own there",
  });
}

/**
 * Puts a text in place whole, with mode 0600: whenever the process or the machine stops, there is the old file or the
 * new one. `owner` gets the new file. Resolves to false, with nothing changed, when the place no longer holds what
 * `before` says. Rejects with EffectError: `refused` as long as nothing was changed.
 */
export async function replaceFile(
  place: Place,
  text: string,
  before: BigIntStats | undefined,
  owner: Pick<BigIntStats, "uid" | "gid"> | undefined,
): Promise<boolean> {
  const { files, folder, path, name } = place;
  const temporary = folder.at(place.temporary + randomUUID());
  try {
    await writeNew(files, temporary, Buffer.from(text, "latin1"), owner);
    // These two without a pause: nobody else in this process can come between them.
    if (identityOf(files.lstat(folder.at(name))) !== identityOf(before)) {
      await files.unlink(temporary);
      return false;
    }
    files.rename(temporary, folder.at(name));
  } catch (error) {
    await files.unlink(temporary).catch(() => undefined);
    throw failed(path, "it could not be replaced, and is as it was", error, "refused");
  }
  await syncFolder(place);
  return true;
}

/** Removes a file; one that is not there is fine. */
export async function removeFile(place: Place): Promise<void> {
  const { files, folder, path, name } = place;
  try {
    await files.unlink(folder.at(name));
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return;
    throw failed(path, "what was staged for it could not be removed", error, "refused");
  }
  await syncFolder(place);
}

/** Removes what a process of this credential left behind when it died while it replaced a file. */
export async function removeLeftovers({ files, folder, path, temporary }: Place): Promise<void> {
  try {
    for (const found of await files.names(folder.at("."))) {
      if (found.startsWith(temporary)) await files.unlink(folder.at(found));
    }
  } catch (error) {
    // Somebody else removed it at the same moment.
    if (errnoOf(error) !== "ENOENT") throw failed(path, "its folder cannot be cleaned up", error, "refused");
  }
}

async function writeNew(
  files: FileSystem,
  path: string,
  bytes: Buffer,
  owner: Pick<BigIntStats, "uid" | "gid"> | undefined,
): Promise<void> {
  const file = await files.create(path);
  try {
    const own = await file.stat();
    if (owner !== undefined && (own.uid !== owner.uid || own.gid !== owner.gid)) {
      await file.chown(Number(owner.uid), Number(owner.gid));
    }
    await file.chmod(0o600);
    await file.write(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder({ folder, path }: Place): Promise<void> {
  try {
    await folder.handle.sync();
  } catch (error) {
    throw failed(path, "it was changed, but that may not survive a loss of power", error, "unknown");
  }
}

/** Changes whenever the file is written or another one takes its name. */
function identityOf(facts: BigIntStats | undefined): string {
  return facts === undefined
    ? "absent"
    : `${facts.dev}:${facts.ino}:${facts.size}:${facts.mtimeNs}:${facts.ctimeNs}`;
}
