import type { Client, SFTPWrapper } from "ssh2";
import { EffectError } from "../../../core/model/errors.ts";
import { fileFailure, isMissingFile, isUnsupported, placeText, type SshPlace } from "./failure.ts";

/** What a file is, as far as SFTP tells. */
export interface RemoteFile {
  readonly kind: "file" | "folder" | "link" | "other";
  /** Permission bits only. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
}

/** Owner and mode that a new file gets; the owner is left as it comes where it is right already. */
export interface Keep {
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** Files of a host, by SFTP. Every method rejects with an EffectError; reads change nothing. */
export interface SshFiles {
  /** The absolute path, with all links resolved. */
  resolve(path: string, signal: AbortSignal): Promise<string>;
  /** Undefined: there is none. A link is told as one. */
  look(path: string, signal: AbortSignal): Promise<RemoteFile | undefined>;
  /** Undefined: there is none. Refused when it is longer than `limit` bytes. */
  read(path: string, limit: number, signal: AbortSignal): Promise<Buffer | undefined>;
  /** The last bytes of a file, at most so many. Undefined: there is none. */
  readEnd(path: string, limit: number, signal: AbortSignal): Promise<Buffer | undefined>;
  /**
   * Writes a file beside and puts it in the place of `path` in one step, its content on disk before. `stillFits` is asked
   * right before that step; false leaves everything as it was, and is what this resolves with.
   */
  replace(
    path: string,
    content: Uint8Array,
    keep: Keep,
    signal: AbortSignal,
    stillFits?: () => Promise<boolean>,
  ): Promise<boolean>;
  /** Fills a file that is there, and has its content on disk; everything else of it stays. */
  overwrite(path: string, content: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Puts a file in the place of another in one step. */
  rename(from: string, to: string, signal: AbortSignal): Promise<void>;
  /** Idempotent: none there is success. */
  remove(path: string, signal: AbortSignal): Promise<void>;
}

/** Appended to a path for the file that takes its place. */
export const BESIDE = ".cre-new";
const CHUNK = 32_000;
const PERMISSIONS = 0o7777;
const [TYPE, FOLDER, LINK, FILE] = [0o170000, 0o040000, 0o120000, 0o100000];

type Done<T> = (error?: Error | null, result?: T) => void;

/** The files of a session; the subsystem is asked for when it is first used. */
export function sshFiles(place: SshPlace, client: Client, open: () => Promise<SFTPWrapper>): SshFiles {
  const ask = async <T>(
    path: string,
    doing: string,
    signal: AbortSignal,
    request: (sftp: SFTPWrapper, done: Done<T>) => void,
  ): Promise<T> => {
    try {
      const sftp = await answered<SFTPWrapper>(client, signal, (done) => {
        open().then((opened) => done(null, opened), done);
      });
      return await answered<T>(client, signal, (done) => request(sftp, done));
    } catch (error) {
      throw Object.assign(fileFailure(error, place, path, doing), { sftp: error });
    }
  };
  const handleOf = async (
    path: string,
    flags: "r" | "w",
    mode: number,
    signal: AbortSignal,
  ): Promise<Buffer> =>
    ask<Buffer>(path, flags === "r" ? "opened" : "written", signal, (sftp, done) =>
      sftp.open(path, flags, mode, done),
    );
  const readFrom = async (
    path: string,
    from: (size: number) => number,
    limit: number,
    signal: AbortSignal,
  ): Promise<Buffer | undefined> => {
    const handle = await missingAsUndefined(handleOf(path, "r", 0o600, signal));
    if (handle === undefined) return undefined;
    try {
      const { size } = await ask<{ size: number }>(path, "looked at", signal, (sftp, done) =>
        sftp.fstat(handle, done),
      );
      const chunks: Buffer[] = [];
      let at = from(size);
      for (let all = 0; ; ) {
        const chunk = await ask<Buffer>(path, "read", signal, (sftp, done) => {
          const buffer = Buffer.alloc(CHUNK);
          sftp.read(handle, buffer, 0, CHUNK, at, (error, length) => {
            // End of file.
            const isEnd = error !== undefined && error !== null && "code" in error && error.code === 1;
            if (isEnd) done(null, Buffer.alloc(0));
            else done(error, buffer.subarray(0, length));
          });
        });
        if (chunk.length === 0) break;
        chunks.push(chunk);
        at += chunk.length;
        all += chunk.length;
        if (all > limit) throw tooLong(place, path, limit);
      }
      return Buffer.concat(chunks);
    } finally {
      await ask<void>(path, "closed", signal, (sftp, done) => sftp.close(handle, done)).catch(
        () => undefined,
      );
    }
  };
  const files: SshFiles = {
    resolve: async (path, signal) =>
      ask<string>(path, "found", signal, (sftp, done) => sftp.realpath(path, done)),
    look: async (path, signal) => {
      const stats = await missingAsUndefined(
        ask<{ mode: number; uid: number; gid: number; size: number }>(
          path,
          "looked at",
          signal,
          (sftp, done) => sftp.lstat(path, done),
        ),
      );
      return stats && described(stats);
    },
    read: async (path, limit, signal) => readFrom(path, () => 0, limit, signal),
    readEnd: async (path, limit, signal) =>
      readFrom(path, (size) => Math.max(0, size - limit), limit + CHUNK, signal),
    remove: async (path, signal) => {
      await missingAsUndefined(ask<void>(path, "removed", signal, (sftp, done) => sftp.unlink(path, done)));
    },
    overwrite: async (path, content, signal) => {
      const handle = await ask<Buffer>(path, "written", signal, (sftp, done) => sftp.open(path, "w", done));
      await fill(handle, path, content, signal);
    },
    rename: async (from, to, signal) =>
      ask<void>(to, "replaced", signal, (sftp, done) => sftp.ext_openssh_rename(from, to, done)),
    replace: async (path, content, keep, signal, stillFits) => {
      const beside = `${path}${BESIDE}`;
      let begun = false;
      try {
        await files.remove(beside, signal);
        const handle = await ask<Buffer>(beside, "written", signal, (sftp, done) =>
          sftp.open(beside, "wx", { mode: 0o600 }, done),
        );
        begun = true;
        await keepAs(handle, beside, keep, signal);
        await fill(handle, beside, content, signal);
        if (stillFits !== undefined && !(await stillFits())) {
          await files.remove(beside, signal);
          return false;
        }
      } catch (error) {
        if (begun) await files.remove(beside, signal).catch(() => undefined);
        // Nothing stands at `path` yet, whatever became of the file beside it.
        throw notBegun(error);
      }
      await files.rename(beside, path, signal);
      return true;
    },
  };
  /** Writes all of it, has it on disk, and closes the file. */
  const fill = async (
    handle: Buffer,
    path: string,
    content: Uint8Array,
    signal: AbortSignal,
  ): Promise<void> => {
    for (let at = 0; at < content.length; at += CHUNK) {
      const chunk = Buffer.from(content.subarray(at, at + CHUNK));
      await ask<void>(path, "written", signal, (sftp, done) =>
        sftp.write(handle, chunk, 0, chunk.length, at, done),
      );
    }
    const synced = ask<void>(path, "put on disk", signal, (sftp, done) =>
      sftp.ext_openssh_fsync(handle, done),
    );
    await synced.catch((error: unknown) => {
      if (!isUnsupported(causeOf(error))) throw error;
    });
    await ask<void>(path, "closed", signal, (sftp, done) => sftp.close(handle, done));
  };
  const keepAs = async (handle: Buffer, path: string, keep: Keep, signal: AbortSignal): Promise<void> => {
    const made = await ask<{ uid: number; gid: number }>(path, "looked at", signal, (sftp, done) =>
      sftp.fstat(handle, done),
    );
    const { uid = made.uid, gid = made.gid, mode } = keep;
    if (uid !== made.uid || gid !== made.gid) {
      await ask<void>(path, "given to its owner", signal, (sftp, done) =>
        sftp.fchown(handle, uid, gid, done),
      );
    }
    await ask<void>(path, "given its mode", signal, (sftp, done) => sftp.fchmod(handle, mode, done));
  };
  return files;
}

async function missingAsUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isMissingFile(causeOf(error))) return undefined;
    throw error;
  }
}

async function answered<T>(
  client: Client,
  signal: AbortSignal,
  request: (done: Done<T>) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      signal.removeEventListener("abort", stop);
      client.removeListener("close", lost);
    };
    const stop = (): void => {
      leave();
      reject(new Error("no answer in time"));
    };
    const lost = (): void => {
      leave();
      reject(new Error("the connection was closed"));
    };
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    client.once("close", lost);
    const done: Done<T> = (error, result) => {
      leave();
      // `as`: with no error there is the result that the request is documented to have.
      if (error === undefined || error === null) resolve(result as T);
      else reject(error);
    };
    request(done);
  });
}

/** The library's own error behind ours. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && "sftp" in error ? error.sftp : error;
}

function notBegun(error: unknown): unknown {
  if (!(error instanceof EffectError) || error.outcome === "refused") return error;
  const { code, message, evidence, fix } = error;
  return new EffectError("refused", code, message, {
    ...(evidence === undefined ? {} : { evidence }),
    ...(fix === undefined ? {} : { fix }),
  });
}

function described({
  mode,
  uid,
  gid,
  size,
}: {
  mode: number;
  uid: number;
  gid: number;
  size: number;
}): RemoteFile {
  const type = mode & TYPE;
  const kind = type === FILE ? "file" : type === FOLDER ? "folder" : type === LINK ? "link" : "other";
  return { kind, mode: mode & PERMISSIONS, uid, gid, size };
}

function tooLong(place: SshPlace, path: string, limit: number): EffectError {
  return new EffectError(
    "refused",
    "file-too-long",
    `${placeText(place)}: ${path} is longer than ${limit} bytes`,
    {
      retryable: false,
    },
  );
}
