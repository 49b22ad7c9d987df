import { type BigIntStats, constants, lstatSync, renameSync } from "node:fs";
import { access, open, readdir, readFile, realpath, unlink } from "node:fs/promises";

export interface OpenFile {
  readonly fd: number;
  stat(): Promise<BigIntStats>;
  read(): Promise<Buffer>;
  write(bytes: Buffer): Promise<void>;
  chown(uid: number, gid: number): Promise<void>;
  chmod(mode: number): Promise<void>;
  /** Resolves when the content, or of a folder its names, would survive a loss of power. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The file operations of this delivery, one system call or so each: any of them may be the last of a process. */
export interface FileSystem {
  /** For reading, never through a link at the end of the path, never waiting for a pipe. */
  openToRead(path: string): Promise<OpenFile>;
  /** A new file that only the owner can read; fails if the name is taken, even by a link. */
  create(path: string): Promise<OpenFile>;
  openFolder(path: string): Promise<OpenFile>;
  realpath(path: string): Promise<string>;
  names(folder: string): Promise<readonly string[]>;
  unlink(path: string): Promise<void>;
  /** Rejects unless names can be made in the folder. */
  mayWriteIn(folder: string): Promise<void>;
  /** Whether something is mounted at this path, as containers do with single files; false where nobody can tell. */
  isMountPoint(realPath: string): Promise<boolean>;
  /** Facts of a name itself. Synchronous, so that nothing of this process comes between it and `rename`. */
  lstat(path: string): BigIntStats | undefined;
  rename(from: string, to: string): void;
}

/** The file system of this machine. */
export const systemFiles: FileSystem = {
  openToRead: async (path) => opened(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK),
  create: async (path) =>
    opened(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600),
  openFolder: async (path) => opened(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW),
  realpath: async (path) => realpath(path),
  names: async (folder) => readdir(folder),
  unlink: async (path) => unlink(path),
  mayWriteIn: async (folder) => access(folder, constants.W_OK | constants.X_OK),
  isMountPoint: async (realPath) =>
    mountPoints(await readFile("/proc/self/mountinfo", "utf8").catch(() => "")).has(realPath),
  lstat: (path) => lstatSync(path, { bigint: true, throwIfNoEntry: false }),
  rename: (from, to) => renameSync(from, to),
};

async function opened(path: string, flags: number, mode?: number): Promise<OpenFile> {
  const handle = await open(path, flags, mode);
  return {
    fd: handle.fd,
    stat: async () => handle.stat({ bigint: true }),
    read: async () => handle.readFile(),
    write: async (bytes) => handle.writeFile(bytes),
    chown: async (uid, gid) => handle.chown(uid, gid),
    chmod: async (mode) => handle.chmod(mode),
    sync: async () => handle.sync(),
    close: async () => handle.close(),
  };
}

/** Where something is mounted (proc(5), mountinfo: the fifth field, with blanks and backslashes in octal). */
function mountPoints(mountinfo: string): ReadonlySet<string> {
  const points = mountinfo.split("\n").map((line) => line.split(" ")[4] ?? "");
  const plain = points.map((point) =>
    point.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
  );
  return new Set(plain);
}
