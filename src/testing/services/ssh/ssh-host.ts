import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { encodeKeyPair, type KeyPair } from "../../../adapters/rotators/authorized-keys/key-pair.ts";
import { findSshd } from "../ladder.ts";
import type { RunningHost, SshHost, SshHostOptions } from "./host-ground.ts";
import { startPackageHost } from "./package-host.ts";
import { startSystemHost } from "./system-host.ts";

const run = promisify(execFile);

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
  const bin = join(folder, "bin");
  const tellTime = (): void => {
    if (options.clock !== undefined) {
      writeFileSync(join(bin, "now"), String(Math.floor(options.clock() / 1000)));
    }
  };
  await mkdir(bin);
  tellTime();
  if (options.clock !== undefined) await writeFile(join(bin, "date"), dateScript(bin), { mode: 0o755 });
  const user = options.server === "sshd" ? userInfo().username : (options.user ?? "deploy");
  const begin = options.server === "sshd" ? startSystemHost : startPackageHost;
  const ground = { folder, user, hostKey, file, authLog, options, bin, tellTime };
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
    tellTime,
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

/** The time of the test for whom asks as the product does; everybody else gets the machine's. */
function dateScript(bin: string): string {
  return `#!/bin/sh
case "$1" in
"+cre-date %s %z") echo "cre-date $(cat ${bin}/now) +0000" ;;
*) PATH=/usr/bin:/bin; exec date "$@" ;;
esac
`;
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
      "-n",
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
