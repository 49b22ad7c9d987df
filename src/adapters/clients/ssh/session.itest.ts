import { chmod, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SshConnection } from "../../../core/documents/connection.ts";
import { CreError } from "../../../core/model/errors.ts";
import type { SshHost } from "../../../testing/services/ssh/host-ground.ts";
import { sshServers, startSshHost, testKey } from "../../../testing/services/ssh/ssh-host.ts";
import { openSsh, type SshSession } from "./session.ts";

const { signal } = new AbortController();

function portsOf(host: SshHost, files: Readonly<Record<string, string>> = {}) {
  return {
    secrets: { read: async () => host.login.privateKey, present: () => true },
    readFile: (path: string) => files[path] ?? "",
  };
}

function connectionTo(host: SshHost, more: Partial<SshConnection> = {}): SshConnection {
  return {
    host: host.host,
    port: host.port,
    user: host.user,
    key: { env: "SSH_KEY" },
    ...(more.knownHosts === undefined ? { hostKey: host.hostKey } : {}),
    ...more,
  };
}

async function failure(asked: Promise<unknown>): Promise<CreError> {
  const error = await asked.then(
    () => new Error("it did not fail"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CreError);
  // `as`: asserted just before.
  return error as CreError;
}

describe.each(sshServers())("a session with %s", (server) => {
  let host: SshHost;
  const opened: SshSession[] = [];
  beforeEach(async () => {
    host = await startSshHost({ server });
  });
  afterEach(async () => {
    for (const session of opened.splice(0)) session.close();
    await host.close();
  });
  const open = async (
    connection = connectionTo(host),
    files: Readonly<Record<string, string>> = {},
  ): Promise<SshSession> => {
    const session = await openSsh({ name: "web", connection }, portsOf(host, files), signal);
    opened.push(session);
    return session;
  };

  test("runs a command with its input, and tells its outputs and its end", async () => {
    const session = await open();
    const said = await session.exec("sh -s", "cat >&2 <<X\nto you\nX\necho said; exit 3", signal);
    expect(said).toEqual({ code: 3, stdout: "said\n", stderr: "to you\n" });
    expect(session.loginKey).toBe(host.login.fingerprint);
  });

  test("replaces a file in one step: content, mode, and nothing left beside it", async () => {
    const { files } = await open();
    const path = join(dirname(host.file), "notes");
    const content = Buffer.from(`${"line\n".repeat(20_000)}end`);
    expect(await files.read(path, 1e6, signal)).toBeUndefined();
    expect(await files.replace(path, content, { mode: 0o640 }, signal)).toBe(true);
    expect(await readFile(path)).toEqual(content);
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect(await files.read(path, 1e6, signal)).toEqual(content);
    expect(await files.readEnd(path, 7, signal)).toEqual(Buffer.from("ine\nend"));
    expect(await files.look(`${path}.cre-new`, signal)).toBeUndefined();
    expect(await files.replace(path, Buffer.from("no"), { mode: 0o600 }, signal, async () => false)).toBe(
      false,
    );
    expect(await readFile(path)).toEqual(content);
    expect(await files.look(`${path}.cre-new`, signal)).toBeUndefined();
  });

  test("tells links from files, resolves them, and refuses what is too long", async () => {
    const { files } = await open();
    const link = join(dirname(host.file), "link");
    await symlink(host.file, link);
    expect(await files.look(link, signal)).toMatchObject({ kind: "link" });
    expect(await files.resolve(link, signal)).toBe(host.file);
    expect(await failure(files.read(host.file, 10, signal))).toMatchObject({ code: "file-too-long" });
    for (const _ of [1, 2]) await files.remove(link, signal);
    expect(await files.look(host.file, signal)).toMatchObject({ kind: "file", mode: 0o600 });
  });

  test("a host key that is not the pinned one stops it, with both fingerprints", async () => {
    const other = testKey().fingerprint;
    const error = await failure(open(connectionTo(host, { hostKey: other })));
    expect(error.code).toBe("host-key-mismatch");
    expect(error.evidence).toContain(host.hostKey);
    expect(error.evidence).toContain(other);
  });

  test("known_hosts pins it, and a host without a line there is not spoken to", async () => {
    const line = `[${host.host}]:${host.port} ${host.hostKeyLine}\n`;
    const named = connectionTo(host, { knownHosts: "known" });
    await open(named, { known: `# ours\n${line}` });
    expect(await failure(open(named, { known: `other ${host.hostKeyLine}\n` }))).toMatchObject({
      code: "host-not-pinned",
    });
    expect(await failure(open(named, { known: `${line}@revoked * ${host.hostKeyLine}\n` }))).toMatchObject({
      code: "host-key-mismatch",
    });
    const authority = `@cert-authority * ${testKey().publicLine}\n`;
    expect((await failure(open(named, { known: authority }))).evidence).toContain("@cert-authority");
  });

  test("a login that the host does not know is refused, and says so", async () => {
    await writeFile(host.file, "");
    const error = await failure(open());
    expect(error).toMatchObject({ code: "login-refused", outcome: "refused" });
    expect(error.message).toContain(`${host.user}@127.0.0.1`);
  });

  test("what may not be written is told with the path, and nothing is left", async () => {
    const { files } = await open();
    const path = join(dirname(host.file), "folder");
    await mkdir(path);
    await writeFile(join(path, "inside"), "");
    await chmod(dirname(host.file), 0o700);
    const error = await failure(files.replace(path, Buffer.from("x"), { mode: 0o600 }, signal));
    expect(error.message).toContain(path);
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  test("a host that stops in the middle of a command leaves it unknown", async () => {
    const session = await open();
    const asked = failure(session.exec("sh -s", "echo begun; sleep 30", signal));
    await session.exec("true", "", signal);
    await host.stop();
    expect(await asked).toMatchObject({ outcome: "unknown", code: "command-lost" });
    expect(await failure(open())).toMatchObject({ code: "unreachable", outcome: "refused" });
  });
});

describe.runIf(sshServers().includes("sshd"))("a host whose file server does not begin", () => {
  let host: SshHost;
  beforeEach(async () => {
    host = await startSshHost({ server: "sshd", settings: { Subsystem: "sftp /bin/sleep 20" } });
  });
  afterEach(async () => host.close());

  test("keeps nobody longer than the caller's patience, nor longer than the connection", async () => {
    const session = await openSsh({ name: "web", connection: connectionTo(host) }, portsOf(host), signal);
    const begun = Date.now();
    const error = await failure(session.files.read(host.file, 1000, AbortSignal.timeout(300)));
    expect(Date.now() - begun).toBeLessThan(5_000);
    expect(error).toMatchObject({ code: "connection-lost" });
    const later = failure(session.files.read(host.file, 1000, signal));
    session.close();
    expect(await later).toMatchObject({ code: "connection-lost" });
  });
});

describe("a place without an SSH server", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());
  const serve = async (words: string | undefined): Promise<number> => {
    const listening = createServer((socket) => {
      socket.on("error", () => undefined);
      if (words !== undefined) socket.end(words);
    });
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    // `as`: a server that listens on TCP has an AddressInfo.
    return (listening.address() as AddressInfo).port;
  };
  const asked = async (host: string, port: number, limit = signal): Promise<CreError> => {
    const key = testKey();
    const connection = { host, port, user: "deploy", key: { env: "K" }, hostKey: key.fingerprint };
    const ports = {
      secrets: { read: async () => key.privateKey, present: () => true },
      readFile: () => "",
    };
    return failure(openSsh({ name: "web", connection }, ports, limit));
  };

  test("is told as what it is", async () => {
    expect(await asked("127.0.0.1", 1)).toMatchObject({ code: "unreachable" });
    expect(await asked("no-such-host.invalid", 22)).toMatchObject({ code: "unresolved" });
    expect(await asked("127.0.0.1", await serve("HTTP/1.1 400 Bad Request\r\n\r\n"))).toMatchObject({
      code: expect.stringMatching(/^(handshake-failed|connection-lost)$/),
    });
  });

  test("keeps nobody longer than the caller's patience", async () => {
    const port = await serve(undefined);
    const begun = Date.now();
    expect((await asked("127.0.0.1", port, AbortSignal.timeout(300))).code).toMatch(
      /interrupted|unreachable/,
    );
    expect(Date.now() - begun).toBeLessThan(5_000);
  });
});
