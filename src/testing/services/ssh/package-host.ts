import { spawn } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { delimiter, dirname } from "node:path";
import ssh2, { type AuthContext, type Connection, type PublicKeyAuthContext, type ServerChannel } from "ssh2";
import { serveSftp } from "./sftp-server.ts";
import { fingerprint, type HostGround, logLine, type RunningHost } from "./ssh-host.ts";

const NOBODY = { pid: 4000 };

/**
 * A host by the package ssh2: it reads `authorized_keys` at every login as sshd does, runs commands by this machine's
 * shell, and serves its files by SFTP. Whoever listens hears of everything that changes something.
 */
export async function startPackageHost(ground: HostGround): Promise<RunningHost> {
  const { options, user } = ground;
  const clients = new Set<Connection>();
  const { clock = Date.now } = options;
  let pid = NOBODY.pid;
  const server = new ssh2.Server({ hostKeys: [ground.hostKey.privateKey.reveal()] }, (client, info) => {
    clients.add(client);
    // The types lack it. Every answer is small, and waited for.
    if ("setNoDelay" in client && typeof client.setNoDelay === "function") client.setNoDelay(true);
    client.on("error", () => undefined);
    client.on("close", () => clients.delete(client));
    client.on("authentication", (attempt) => {
      if (attempt.username !== user || !isKnown(ground.file, attempt)) {
        attempt.reject(["publickey"]);
        return;
      }
      attempt.accept();
      if (attempt.signature === undefined) return;
      pid += 1;
      const words = `Accepted publickey for ${user} from ${info.ip} port ${info.port} ssh2: ED25519 ${fingerprint(attempt.key.data)}`;
      appendFileSync(ground.authLog, logLine(clock, pid, words));
    });
    client.on("session", (accept) => {
      const session = accept();
      session.on("exec", (acceptExec, reject, { command }) => {
        const heard = options.hear?.("exec", "before");
        if (heard === "lost") client.end();
        else if (heard === "error") reject();
        else if (heard === undefined)
          runCommand(ground, acceptExec(), command, () => options.hear?.("exec", "after"), client);
      });
      session.on("subsystem", (acceptSubsystem, reject, { name }) => {
        if (name !== "sftp") return reject();
        serveSftp(acceptSubsystem(), {
          hear: (request, side) => options.hear?.(request, side),
          hangUp: () => client.end(),
          home: dirname(dirname(ground.file)),
        });
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(ground.port, "127.0.0.1", resolve);
  });
  // `as`: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    stop: async () => {
      for (const client of clients) client.end();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Whether a line of the file lets this key in; options are not looked at. */
function isKnown(file: string, attempt: AuthContext): attempt is PublicKeyAuthContext {
  if (attempt.method !== "publickey") return false;
  const wanted = attempt.key.data.toString("base64");
  const line = readFileSync(file, "latin1")
    .split("\n")
    .find((one) => !one.trimStart().startsWith("#") && one.split(/[ \t\r]+/).includes(wanted));
  if (line === undefined) return false;
  if (attempt.signature === undefined) return true;
  const key = ssh2.utils.parseKey(`${attempt.key.algo} ${wanted}`);
  if (key instanceof Error) return false;
  return key.verify(attempt.blob ?? Buffer.alloc(0), attempt.signature, attempt.hashAlgo) === true;
}

function runCommand(
  { folder, file, options }: HostGround,
  channel: ServerChannel,
  command: string,
  ended: () => "lost" | "error" | "hang" | undefined,
  client: Connection,
): void {
  const path = [...(options.path === undefined ? [] : [options.path]), process.env["PATH"] ?? ""].join(
    delimiter,
  );
  const child = spawn("/bin/sh", ["-c", command], {
    cwd: folder,
    env: { PATH: path, HOME: dirname(dirname(file)) },
    stdio: "pipe",
  });
  channel.on("error", () => undefined);
  channel.pipe(child.stdin);
  child.stdin.on("error", () => undefined);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  // As sshd: what went into the background with closed outputs keeps nobody waiting.
  child.on("close", (code) => {
    const heard = ended();
    if (heard === "lost") return client.end();
    if (heard === "hang") return;
    channel.exit(heard === "error" ? 1 : (code ?? 1));
    channel.end();
  });
}
