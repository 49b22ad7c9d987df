import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { freePort } from "../free-port.ts";
import { findSshd } from "../ladder.ts";
import { type HostGround, logLine, type RunningHost } from "./host-ground.ts";

const PATIENCE = 10_000;

/** The system's sshd on a port of its own, for the account that runs the tests. */
export async function startSystemHost(ground: HostGround): Promise<RunningHost> {
  const sshd = findSshd();
  if (sshd === undefined) throw new Error("this machine has no sshd");
  const port = ground.port === 0 ? await freePort() : ground.port;
  const settings = {
    ListenAddress: `127.0.0.1:${port}`,
    HostKey: join(ground.folder, "host"),
    AuthorizedKeysFile: ground.file,
    PidFile: "none",
    // /tmp belongs to everybody.
    StrictModes: "no",
    PasswordAuthentication: "no",
    KbdInteractiveAuthentication: "no",
    PermitRootLogin: "prohibit-password",
    UsePAM: "no",
    MaxStartups: "100",
    Subsystem: `sftp internal-sftp -d ${dirname(dirname(ground.file))}`,
    // The home keeps the shell's own files of whoever runs the tests out of every command.
    SetEnv: `PATH=${ground.bin}:${process.env["PATH"] ?? ""} HOME=${dirname(dirname(ground.file))}`,
    ...ground.options.settings,
  };
  const config = join(ground.folder, "sshd_config");
  await writeFile(
    config,
    Object.entries(settings)
      .map(([name, value]) => `${name} ${value}\n`)
      .join(""),
  );
  const child = spawn(sshd, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => {
    const text = chunk.toString();
    words = `${words}${text}`.slice(-4000);
    for (const line of text.split(/\r?\n/)) if (line !== "") log(ground, child, line);
  });
  const deadline = Date.now() + PATIENCE;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`sshd does not listen: ${words}`);
    await setTimeout(20);
  }
  return {
    port,
    stop: async () => {
      const ended = new Promise((resolve) => child.once("close", resolve));
      for (const pid of sessionsOf(child)) killQuietly(pid);
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** On standard error sshd leaves out what syslog puts before its words: the process that serves this login. */
function log(ground: HostGround, child: ChildProcess, line: string): void {
  const { clock = Date.now, tellsProcesses = false } = ground.options;
  const pid = tellsProcesses && line.startsWith("Accepted ") ? sessionsOf(child).at(-1) : undefined;
  appendFileSync(ground.authLog, logLine(clock, pid ?? child.pid ?? 0, line));
}

/** The processes that serve a login, oldest first. */
function sessionsOf({ pid }: ChildProcess): readonly number[] {
  try {
    const text = execFileSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" });
    return text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [Number(line)]));
  } catch {
    return [];
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

async function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
