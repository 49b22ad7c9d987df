import { spawn } from "node:child_process";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { delimiter, dirname } from "node:path";
import ssh2, { type AuthContext, type Connection, type PublicKeyAuthContext, type ServerChannel } from "ssh2";
import { fingerprint, type HostGround, logLine, type RunningHost } from "./host-ground.ts";
import { serveSftp } from "./sftp-server.ts";

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
    const began = clock();
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
      appendFileSync(
        ground.authLog,
        logLine(() => began, pid, words),
      );
    });
    client.on("session", (accept) => {
      const session = accept();
      session.on("exec", (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        const input: Buffer[] = [];
        channel.on("error", () => undefined);
        channel.on("data", (chunk: Buffer) => input.push(chunk));
        channel.on("end", () => {
          runCommand(ground, channel, command, Buffer.concat(input), () => client.end()).catch(() =>
            client.end(),
          );
        });
      });
      session.on("subsystem", (acceptSubsystem, reject, { name }) => {
        if (name !== "sftp") return reject();
        serveSftp(acceptSubsystem(), {
          hear: (request, side) => options.hear?.(request, side),
          hangUp: () => client.end(),
          home: dirname(dirname(ground.file)),
          paths: { "/var/log/auth.log": ground.authLog },
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
  if (!existsSync(file)) return false;
  const line = readFileSync(file, "latin1")
    .split("\n")
    .find((one) => !one.trimStart().startsWith("#") && one.split(/[ \t\r]+/).includes(wanted));
  if (line === undefined) return false;
  if (attempt.signature === undefined) return true;
  const key = ssh2.utils.parseKey(`${attempt.key.algo} ${wanted}`);
  if (key instanceof Error) return false;
  // It answers with an error where it cannot.
  const verdict: unknown = key.verify(attempt.blob ?? Buffer.alloc(0), attempt.signature, attempt.hashAlgo);
  return verdict === true;
}

async function runCommand(
  { folder, file, bin, options, tellTime }: HostGround,
  channel: ServerChannel,
  command: string,
  input: Buffer,
  hangUp: () => void,
): Promise<void> {
  const request = input.includes("cre-prepared") ? "prepare" : undefined;
  const heard = request === undefined ? undefined : options.hear?.(request, "before");
  if (heard === "lost") return hangUp();
  if (heard === "hang") return;
  const leave = (code: number): void => {
    channel.exit(code);
    channel.end();
  };
  if (heard === "error") return leave(1);
  tellTime();
  const child = spawn("/bin/sh", ["-c", command], {
    cwd: folder,
    env: { PATH: [bin, process.env["PATH"] ?? ""].join(delimiter), HOME: dirname(dirname(file)) },
    stdio: "pipe",
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  // As sshd: what went into the background with closed outputs keeps nobody waiting.
  child.on("close", (code) => {
    const late = request === undefined ? undefined : options.hear?.(request, "after");
    if (late === "lost") hangUp();
    else if (late !== "hang") leave(late === "error" ? 1 : (code ?? 1));
  });
}
