import { createEnvFileDelivery } from "../../adapters/deliveries/env-file/delivery.ts";
import {
  type FileSystem,
  type OpenFile,
  systemFiles,
} from "../../adapters/deliveries/env-file/file-system.ts";
import type { CredentialSpec } from "../../core/documents/credential.ts";
import { CreError } from "../../core/model/errors.ts";
import { instantOf } from "../../core/model/instant.ts";
import { type StagingDelivery, staging } from "./sample-consignment.ts";

export interface EnvFileOptions {
  readonly files?: FileSystem;
  readonly credential?: string;
  readonly values?: Readonly<Record<string, string>>;
  readonly paths?: readonly string[];
}

function nothing(): never {
  throw new CreError("none", "an env file needs nothing else");
}

/** The product's env-file delivery, bound to this path. */
export async function bindEnvFile(
  path: string,
  folder: string,
  options: EnvFileOptions = {},
): Promise<StagingDelivery> {
  const { files = systemFiles, credential = "orders-db", paths = [folder] } = options;
  const { values = { PGUSER: "{username}", PGPASSWORD: "{password}" } } = options;
  const bound = await createEnvFileDelivery(files).bind(
    credential,
    // `as`: the delivery takes nothing from it.
    {} as CredentialSpec,
    { "env-file": { path, values }, consumer: "orders-api" },
    {
      paths,
      clock: { now: () => instantOf(0) },
      secrets: { read: nothing, present: () => false },
      connection: nothing,
      readFile: nothing,
      pause: async () => undefined,
      commands: {},
    },
  );
  return staging(bound);
}

/** The file system of this machine with something done before and after each operation, by its number from 1. */
export function watchedFiles(
  before: (operation: number, name: string) => void,
  after: (operation: number) => void,
): FileSystem {
  let count = 0;
  const began = (name: string): number => {
    count += 1;
    before(count, name);
    return count;
  };
  const around = <A extends readonly unknown[], R>(name: string, act: (...given: A) => Promise<R>) => {
    return async (...given: A): Promise<R> => {
      const operation = began(name);
      const result = await act(...given);
      after(operation);
      return result;
    };
  };
  const aroundAtOnce = <A extends readonly unknown[], R>(name: string, act: (...given: A) => R) => {
    return (...given: A): R => {
      const operation = began(name);
      const result = act(...given);
      after(operation);
      return result;
    };
  };
  const opening = (name: string, open: (path: string) => Promise<OpenFile>) => {
    return async (path: string): Promise<OpenFile> => {
      const operation = began(name);
      const file = await open(path);
      try {
        after(operation);
      } catch (error) {
        // The system closes what a dead process had open.
        await file.close();
        throw error;
      }
      return watchedFile(file);
    };
  };
  const watchedFile = (file: OpenFile): OpenFile => ({
    fd: file.fd,
    stat: around("fstat", async () => file.stat()),
    read: around("read", async () => file.read()),
    write: around("write", async (bytes: Buffer) => file.write(bytes)),
    chown: around("fchown", async (uid: number, gid: number) => file.chown(uid, gid)),
    chmod: around("fchmod", async (mode: number) => file.chmod(mode)),
    sync: around("fsync", async () => file.sync()),
    // Closed in any case, so that no test leaks what a dead process would not have.
    close: async () => file.close(),
  });
  return {
    openToRead: opening("open", async (path) => systemFiles.openToRead(path)),
    create: opening("create", async (path) => systemFiles.create(path)),
    openFolder: opening("open folder", async (path) => systemFiles.openFolder(path)),
    realpath: around("realpath", async (path: string) => systemFiles.realpath(path)),
    names: around("readdir", async (path: string) => systemFiles.names(path)),
    unlink: around("unlink", async (path: string) => systemFiles.unlink(path)),
    mayWriteIn: around("access", async (path: string) => systemFiles.mayWriteIn(path)),
    isMountPoint: around("mountinfo", async (path: string) => systemFiles.isMountPoint(path)),
    lstat: aroundAtOnce("lstat", (path: string) => systemFiles.lstat(path)),
    rename: aroundAtOnce("rename", (from: string, to: string) => systemFiles.rename(from, to)),
  };
}
