import { execFile } from "node:child_process";
import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { encodeKeyPair, type KeyPair } from "../../../adapters/rotators/authorized-keys/key-pair.ts";
import { findSshd } from "../ladder.ts";
import { startPackageHost } from "./package-host.ts";
import { startSystemHost } from "./system-host.ts";

const run = promisify(execFile);

/** What a host hears before and after each request that changes something; an answer interrupts it. */
export type HearRequest = (
  request: string,
  side: "before" | "after",
) => "lost" | "error" | "hang" | undefined;

/** A host of one account, that signs in by its `authorized_keys` alone. */
export interface SshHost {
  readonly server: "sshd" | "ssh2";
  readonly host: "127.0.0.1";
  readonly port: number;
  /** `SHA256:…` of its host key. */
  readonly hostKey: string;
  /** Its public host key, as it stands in known_hosts behind the name. */
  readonly hostKeyLine: string;
  readonly user: string;
  /** The account's `authorized_keys`. */
  readonly file: string;
  /** What sshd would write into auth.log. */
  readonly authLog: string;
  /** A private key that is in the file from the start: the runner's login. */
  readonly login: KeyPair;
  /** Ends all sessions and lets nobody in; the same port answers again after `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export interface SshHostOptions {
  readonly server: "sshd" | "ssh2";
  /** For the times in the auth log. */
  readonly clock?: () => number;
  /** The login of the runner; several hosts may share one. */
  readonly login?: KeyPair;
  /** Only the stand-in can be listened to. */
  readonly hear?: HearRequest;
  /** Further lines of sshd_config; only sshd has one. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Put before PATH of every command; only the stand-in has it. */
  readonly path?: string;
  readonly user?: string;
}

/** What a server of either kind needs to begin. */
export interface HostGround {
  readonly folder: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: KeyPair;
  readonly file: string;
  readonly authLog: string;
  readonly options: SshHostOptions;
}

export interface RunningHost {
  readonly port: number;
  stop(): Promise<void>;
}

/** The kinds of server that this machine has: the package's always, sshd where it is installed. */
export function sshServers(): readonly SshHostOptions["server"][] {
  return findSshd() === undefined ? ["ssh2"] : ["ssh2", "sshd"];
}

/** An Ed25519 key for tests. */
export function testKey(comment = "test"): KeyPair {
  const jwk = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  return encodeKeyPair("ed25519", jwk, comment, Buffer.from([1, 2, 3, 4]));
}

/** Starts a host with a folder of its own, which `close` removes. */
export async function startSshHost(options: SshHostOptions): Promise<SshHost> {
  const folder = await mkdtemp(join(tmpdir(), "cre-ssh-"));
  const home = join(folder, "home");
  await mkdir(join(home, ".ssh"), { recursive: true, mode: 0o700 });
  const login = options.login ?? testKey("runner");
  const hostKey = testKey("host");
  const file = join(home, ".ssh", "authorized_keys");
  const authLog = join(folder, "auth.log");
  await writeFile(join(folder, "host"), hostKey.privateKey.reveal(), { mode: 0o600 });
  await writeFile(file, `${login.publicLine} runner\n`, { mode: 0o600 });
  await writeFile(authLog, "");
  const user = options.server === "sshd" ? userInfo().username : (options.user ?? "deploy");
  const begin = options.server === "sshd" ? startSystemHost : startPackageHost;
  const ground = { folder, user, hostKey, file, authLog, options };
  let running: RunningHost | undefined = await begin({ ...ground, port: 0 });
  const { port } = running;
  return {
    server: options.server,
    host: "127.0.0.1",
    port,
    hostKey: hostKey.fingerprint,
    hostKeyLine: hostKey.publicLine,
    user,
    file,
    authLog,
    login,
    stop: async () => {
      await running?.stop();
      running = undefined;
    },
    start: async () => {
      running ??= await begin({ ...ground, port });
    },
    close: async () => {
      await running?.stop();
      running = undefined;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One line of auth.log, as rsyslog writes it. */
export function logLine(clock: () => number, pid: number, message: string): string {
  return `${new Date(clock()).toISOString().replace("Z", "000+00:00")} host sshd[${pid}]: ${message}\n`;
}

/** `SHA256:…` of a public key's blob. */
export function fingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** Signs in with OpenSSH's own client and runs `true`; undefined where this machine has none. */
export async function signsInByOpenSsh(host: SshHost, key: KeyPair): Promise<boolean | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "cre-ssh-client-"));
  try {
    await writeFile(join(folder, "key"), key.privateKey.reveal(), { mode: 0o600 });
    await writeFile(join(folder, "known"), `[${host.host}]:${host.port} ${host.hostKeyLine}\n`);
    const options = [
      "IdentitiesOnly=yes",
      "BatchMode=yes",
      "StrictHostKeyChecking=yes",
      `UserKnownHostsFile=${join(folder, "known")}`,
      "PreferredAuthentications=publickey",
    ].flatMap((option) => ["-o", option]);
    await run("ssh", [
      "-F",
      "/dev/null",
      "-i",
      join(folder, "key"),
      "-p",
      String(host.port),
      ...options,
      `${host.user}@${host.host}`,
      "true",
    ]);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT" ? undefined : false;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
