import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readlink, realpath, rename, stat, unlink } from "node:fs/promises";
import { resolve } from "node:path";
import type { Duplex } from "node:stream";
import type { HearRequest } from "./host-ground.ts";

/** Types of packets, version 3 (draft-ietf-secsh-filexfer-02). */
const [INIT, VERSION, OPEN, CLOSE, READ, WRITE, LSTAT, FSTAT, FSETSTAT] = [1, 2, 3, 4, 5, 6, 7, 8, 10];
const [REMOVE, REALPATH, STAT, READLINK] = [13, 16, 17, 19];
const [STATUS, HANDLE, DATA, NAME, ATTRS, EXTENDED] = [101, 102, 103, 104, 105, 200];
/** Codes of answers without a result. */
const [OK, EOF, NO_SUCH_FILE, DENIED, FAILURE, UNSUPPORTED] = [0, 1, 2, 3, 4, 8];
const OPEN_FLAGS = { read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32 };
const ATTR_FLAGS = { size: 1, owner: 2, mode: 4, times: 8 };

export interface SftpService {
  readonly hear: HearRequest;
  /** Ends the connection. */
  hangUp(): void;
  /** Where relative paths begin. */
  readonly home: string;
  /** Files that stand elsewhere than they say, as on another machine. */
  readonly paths: Readonly<Record<string, string>>;
}

/** An answer with a status code in place of a result. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Serves this machine's files on a channel, with what OpenSSH's server adds: replacing by rename, and fsync. */
export function serveSftp(channel: Duplex, service: SftpService): void {
  const handles = new Map<string, FileHandle>();
  let rest: Buffer = Buffer.alloc(0);
  let last: Promise<void> = Promise.resolve();
  channel.on("error", () => undefined);
  channel.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const length = rest.readUInt32BE(0);
      const packet = rest.subarray(4, 4 + length);
      rest = rest.subarray(4 + length);
      last = last.then(async () => answer(packet, channel, handles, service)).catch(() => service.hangUp());
    }
  });
  channel.on("end", () => channel.end());
  channel.on("close", () => {
    for (const handle of handles.values()) handle.close().catch(() => undefined);
    handles.clear();
  });
}

async function answer(
  packet: Buffer,
  channel: Duplex,
  handles: Map<string, FileHandle>,
  service: SftpService,
): Promise<void> {
  const type = packet[0];
  if (type === INIT) {
    const offers = ["posix-rename@openssh.com", "fsync@openssh.com"];
    send(channel, VERSION, number(3), ...offers.flatMap((name) => [string(name), string("1")]));
    return;
  }
  const input = new Reader(packet.subarray(1));
  const id = number(input.number());
  const request = changeOf(type, packet);
  const heard = request === undefined ? undefined : service.hear(request, "before");
  if (heard === "lost") return service.hangUp();
  if (heard === "hang") return;
  let reply: () => void;
  try {
    if (heard === "error") throw new Refusal(FAILURE, "no space left on device");
    reply = await perform(type, input, { id, channel, handles, service });
  } catch (error) {
    const [code, words] = statusOf(error);
    reply = () => send(channel, STATUS, id, number(code), string(words), string(""));
  }
  const late = request === undefined ? undefined : service.hear(request, "after");
  if (late === "lost") return service.hangUp();
  if (late === "hang") return;
  if (late === "error") {
    send(channel, STATUS, id, number(FAILURE), string("an error of the disk"), string(""));
  } else reply();
}

interface Scene {
  readonly id: Buffer;
  readonly channel: Duplex;
  readonly handles: Map<string, FileHandle>;
  readonly service: SftpService;
}

async function perform(type: number | undefined, input: Reader, scene: Scene): Promise<() => void> {
  const { id, channel, handles, service } = scene;
  const path = (): string => {
    const named = input.text();
    return resolve(service.home, service.paths[named] ?? named);
  };
  const handle = (): FileHandle => {
    const found = handles.get(input.text());
    if (found === undefined) throw new Refusal(FAILURE, "no such handle");
    return found;
  };
  const done = () => send(channel, STATUS, id, number(OK), string(""), string(""));
  const named = (name: string) => () =>
    send(channel, NAME, id, number(1), string(name), string(name), number(0));
  switch (type) {
    case OPEN: {
      const opened = await open(path(), nodeFlags(input.number()), modeIn(input));
      const name = `h${handles.size}-${opened.fd}`;
      handles.set(name, opened);
      return () => send(channel, HANDLE, id, string(name));
    }
    case CLOSE: {
      const name = input.text();
      await handles.get(name)?.close();
      handles.delete(name);
      return done;
    }
    case READ: {
      const [file, at, length] = [handle(), input.long(), input.number()];
      const { bytesRead, buffer } = await file.read(
        Buffer.alloc(Math.min(length, 65_536)),
        0,
        Math.min(length, 65_536),
        at,
      );
      if (bytesRead === 0) throw new Refusal(EOF, "end of file");
      return () => send(channel, DATA, id, string(buffer.subarray(0, bytesRead)));
    }
    case WRITE: {
      const [file, at, data] = [handle(), input.long(), input.bytes()];
      await file.write(data, 0, data.length, at);
      return done;
    }
    case LSTAT:
    case STAT: {
      const stats = await (type === LSTAT ? lstat(path()) : stat(path()));
      return () => send(channel, ATTRS, id, attributes(stats));
    }
    case FSTAT: {
      const stats = await handle().stat();
      return () => send(channel, ATTRS, id, attributes(stats));
    }
    case FSETSTAT: {
      const file = handle();
      const flags = input.number();
      if (flags & ATTR_FLAGS.owner) await file.chown(input.number(), input.number());
      if (flags & ATTR_FLAGS.mode) await file.chmod(input.number() & 0o7777);
      return done;
    }
    case REMOVE:
      await unlink(path());
      return done;
    case REALPATH:
      return named(await realpath(path()));
    case READLINK:
      return named(await readlink(path()));
    case EXTENDED:
      return extended(input, path, handle, done);
    default:
      throw new Refusal(UNSUPPORTED, "not supported");
  }
}

async function extended(
  input: Reader,
  path: () => string,
  handle: () => FileHandle,
  done: () => void,
): Promise<() => void> {
  const name = input.text();
  if (name === "posix-rename@openssh.com") await rename(path(), path());
  else if (name === "fsync@openssh.com") await handle().sync();
  else throw new Refusal(UNSUPPORTED, "not supported");
  return done;
}

/** What a request changes, in a word; undefined for one that only asks. */
function changeOf(type: number | undefined, packet: Buffer): string | undefined {
  const input = new Reader(packet.subarray(5));
  if (type === REMOVE) return `remove ${lastOf(input.text())}`;
  if (type === EXTENDED) return input.text() === "posix-rename@openssh.com" ? "replace" : undefined;
  if (type !== OPEN) return undefined;
  const name = lastOf(input.text());
  return input.number() & OPEN_FLAGS.write ? `create ${name}` : undefined;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function statusOf(error: unknown): readonly [number, string] {
  if (error instanceof Refusal) return [error.status, error.message];
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return [NO_SUCH_FILE, "No such file"];
  if (code === "EACCES" || code === "EPERM") return [DENIED, "Permission denied"];
  return [FAILURE, "Failure"];
}

function nodeFlags(flags: number): number {
  const both = OPEN_FLAGS.read | OPEN_FLAGS.write;
  const way =
    (flags & both) === both
      ? constants.O_RDWR
      : flags & OPEN_FLAGS.write
        ? constants.O_WRONLY
        : constants.O_RDONLY;
  return (
    way |
    (flags & OPEN_FLAGS.append ? constants.O_APPEND : 0) |
    (flags & OPEN_FLAGS.create ? constants.O_CREAT : 0) |
    (flags & OPEN_FLAGS.truncate ? constants.O_TRUNC : 0) |
    (flags & OPEN_FLAGS.exclusive ? constants.O_EXCL : 0)
  );
}

function modeIn(input: Reader): number {
  const flags = input.number();
  if (flags & ATTR_FLAGS.size) input.long();
  if (flags & ATTR_FLAGS.owner) input.long();
  return flags & ATTR_FLAGS.mode ? input.number() & 0o7777 : 0o666;
}

function attributes({ size, uid, gid, mode, atimeMs, mtimeMs }: Stats): Buffer {
  const all = ATTR_FLAGS.size | ATTR_FLAGS.owner | ATTR_FLAGS.mode | ATTR_FLAGS.times;
  const long = Buffer.alloc(8);
  long.writeBigUInt64BE(BigInt(size));
  const times = [atimeMs, mtimeMs].map((time) => number(Math.floor(time / 1000)));
  return Buffer.concat([number(all), long, number(uid), number(gid), number(mode), ...times]);
}

function send(channel: Duplex, type: number, ...parts: readonly Buffer[]): void {
  const body = Buffer.concat([Buffer.from([type]), ...parts]);
  if (channel.writable) channel.write(Buffer.concat([number(body.length), body]));
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

function string(value: string | Buffer): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  return Buffer.concat([number(bytes.length), bytes]);
}

/** The fields of a packet, one after the other. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  number(): number {
    this.#at += 4;
    return this.#bytes.readUInt32BE(this.#at - 4);
  }

  long(): number {
    this.#at += 8;
    return Number(this.#bytes.readBigUInt64BE(this.#at - 8));
  }

  bytes(): Buffer {
    const length = this.number();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return this.bytes().toString();
  }
}
