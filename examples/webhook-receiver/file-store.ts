import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { ReceiverState, ReceiverStore } from "./receiver.ts";

/**
 * Keeps the receiver's state in one JSON file with mode 0600, so that it survives a restart. The file holds secrets:
 * put it on a disk that only the service reads. A crash leaves the old content or the new one, never half of it.
 */
export function fileStore(path: string): ReceiverStore {
  return {
    async load() {
      const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw error;
      });
      // Our own file, written by `save`.
      return text === undefined ? undefined : (JSON.parse(text) as ReceiverState);
    },
    async save(state) {
      const temporary = `${path}.${randomUUID()}`;
      try {
        await writeDurably(temporary, `${JSON.stringify(state)}\n`);
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      await syncFolder(dirname(path));
    },
  };
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
