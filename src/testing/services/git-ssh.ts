import { execFile, spawn } from "node:child_process";
import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import type { ServerChannel } from "ssh2";
import { externalGitSsh } from "./external-servers.ts";
import { freePort } from "./free-port.ts";
import { gitSurroundings } from "./git-remote.ts";
import { findSshd } from "./ladder.ts";

const run = promisify(execFile);

export interface GitSshRemote {
  readonly url: string;
  /** What git needs to reach it: the key, the pinned host key, no configuration of this machine. */
  readonly env: Record<string, string>;
  /** Which server answers. */
  readonly server: "sshd" | "ssh2" | "external";
  close(): Promise<void>;
}

/**
 * Serves bare repositories by SSH on 127.0.0.1, by the server of `CRE_TEST_GIT_SSH` or the system's sshd where there is
 * one, else by the package ssh2. Keys are made in a folder below `root`, which the caller removes. Needs `ssh` and
 * `ssh-keygen`.
 */
export async function startGitSshRemote(root: string, bare: string): Promise<GitSshRemote> {
  const keys = join(root, "ssh");
  await mkdir(keys, { mode: 0o700 });
  const external = externalGitSsh();
  if (external !== undefined) {
    const { host, port, hostKey } = external;
    const userKey = join(keys, "user");
    await copyFile(external.userKey, userKey);
    await chmod(userKey, 0o600);
    return {
      url: `ssh://root@${host}:${port}${bare}`,
      env: await environmentOf(keys, userKey, `[${host}]:${port} ${hostKey}`),
      server: "external",
      close: async () => undefined,
    };
  }
  for (const name of ["host", "user"]) {
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(keys, name)]);
  }
  const sshd = findSshd();
  const { port, close } =
    sshd === undefined ? await startPackage(keys, root) : await startSystem(sshd, keys, root);
  const hostKey = (await readFile(join(keys, "host.pub"), "utf8")).split(" ").slice(0, 2).join(" ");
  const user = process.getuid?.() === 0 ? "root" : (process.env["USER"] ?? "git");
  return {
    url: `ssh://${sshd === undefined ? "git" : user}@127.0.0.1:${port}${bare}`,
    env: await environmentOf(keys, join(keys, "user"), `[127.0.0.1]:${port} ${hostKey}`),
    server: sshd === undefined ? "ssh2" : "sshd",
    close,
  };
}

async function environmentOf(
  keys: string,
  userKey: string,
  knownHost: string,
): Promise<Record<string, string>> {
  const known = join(keys, "known");
  await writeFile(known, `${knownHost}\n`);
  const options = [
    ["IdentityFile", userKey],
    ["IdentitiesOnly", "yes"],
    ["UserKnownHostsFile", known],
    ["StrictHostKeyChecking", "yes"],
    ["BatchMode", "yes"],
  ].map(([name, value]) => `-o ${name}=${value}`);
  return { GIT_SSH_COMMAND: `ssh -F /dev/null ${options.join(" ")}` };
}

interface Server {
  readonly port: number;
  readonly close: () => Promise<void>;
}

async function startPackage(keys: string, root: string): Promise<Server> {
  const { Server: SshServer, utils } = (await import("ssh2")).default;
  const allowed = utils.parseKey(await readFile(join(keys, "user.pub")));
  if (allowed instanceof Error) throw allowed;
  const server = new SshServer({ hostKeys: [await readFile(join(keys, "host"))] }, (client) => {
    client.on("error", () => undefined);
    client.on("authentication", (attempt) => {
      const known = attempt.method === "publickey" && attempt.key.data.equals(allowed.getPublicSSH());
      const genuine =
        known &&
        (attempt.signature === undefined ||
          allowed.verify(attempt.blob ?? Buffer.alloc(0), attempt.signature, attempt.hashAlgo));
      if (genuine) attempt.accept();
      else attempt.reject(["publickey"]);
    });
    client.on("session", (accept) => {
      const session = accept();
      session.on("env", (acceptEnv) => acceptEnv?.());
      session.on("exec", (acceptExec, reject, { command }) => {
        const [, service, path] = /^git[- ](upload-pack|receive-pack) '([^']+)'$/.exec(command) ?? [];
        if (service === undefined || path === undefined) reject();
        else serve(acceptExec(), service, path, root);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => await new Promise((resolve) => server.close(() => resolve())),
  };
}

function serve(channel: ServerChannel, service: string, path: string, root: string): void {
  const child = spawn("git", [service, path], { env: gitSurroundings(root), stdio: "pipe" });
  channel.pipe(child.stdin);
  child.stdin.on("error", () => undefined);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on("close", (code) => {
    channel.exit(code ?? 1);
    channel.end();
  });
}

async function startSystem(sshd: string, keys: string, root: string): Promise<Server> {
  const port = await freePort();
  await writeFile(join(keys, "authorized"), await readFile(join(keys, "user.pub")), { mode: 0o600 });
  const settings = {
    ListenAddress: `127.0.0.1:${port}`,
    HostKey: join(keys, "host"),
    AuthorizedKeysFile: join(keys, "authorized"),
    PidFile: "none",
    StrictModes: "no",
    PasswordAuthentication: "no",
    PermitRootLogin: "prohibit-password",
    UsePAM: "no",
    SetEnv: `HOME=${root} GIT_CONFIG_GLOBAL=/dev/null`,
  };
  const file = join(keys, "sshd_config");
  await writeFile(
    file,
    Object.entries(settings)
      .map(([name, value]) => `${name} ${value}\n`)
      .join(""),
  );
  const child = spawn(sshd, ["-D", "-e", "-f", file], { stdio: ["ignore", "ignore", "pipe"] });
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => (words += chunk.toString()));
  const deadline = Date.now() + 10_000;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`sshd does not listen: ${words}`);
    await setTimeout(25);
  }
  return {
    port,
    close: async () => {
      child.kill("SIGTERM");
      await new Promise((resolve) => child.once("close", resolve));
    },
  };
}

async function accepts(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
