import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { homedir, userInfo } from "node:os";
import type { Pause } from "../../../core/ports/runtime.ts";

/** How long a command may take to end by itself once it was told to, in seconds. */
const GRACE_SECONDS = 2;
const LARGEST_OUTPUT = 64 * 1024;

/** How one run of a command ended. `output` is what it printed: it may quote the secret and is never shown. */
export type Ended =
  | { readonly how: "not-started"; readonly reason: string }
  | { readonly how: "exited"; readonly code: number; readonly output: Buffer }
  | { readonly how: "killed"; readonly reason: string };

/**
 * Runs a command without a shell, with `input` on its standard input and nothing of the runner's environment. What it
 * writes to standard error goes nowhere. When `signal` ends it, or it prints too much, its whole process group is told
 * to end and then killed; when it has ended by itself, what it left in its group is killed too. Never rejects.
 */
export async function runCommand(
  [executable = "", ...args]: readonly string[],
  input: string,
  pause: Pause,
  signal: AbortSignal,
): Promise<Ended> {
  let child: ChildProcess;
  try {
    child = spawn(executable, args, {
      cwd: "/",
      env: environment(),
      stdio: ["pipe", "pipe", "ignore"],
      // A process group of its own, so that nothing of it outlives the step.
      detached: true,
      shell: false,
    });
  } catch (error) {
    return { how: "not-started", reason: codeOf(error) };
  }
  const { pid, stdin, stdout } = child;
  if (pid === undefined || stdin === null || stdout === null) {
    const [error]: unknown[] = await once(child, "error").catch((reason: unknown) => [reason]);
    return { how: "not-started", reason: codeOf(error) };
  }
  // A command need not read what it is told: then writing fails, and its exit code is what counts.
  stdin.on("error", () => undefined);
  child.on("error", () => undefined);
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => {
      killGroup(pid, "SIGKILL");
      resolve(code);
    });
  });
  const output = readOutput(stdout);
  stdin.end(input);
  const stop = stopped(signal);
  try {
    const first = await Promise.race([stop.reason, output.tooMuch, ended]);
    if (typeof first === "string") {
      await end(pid, ended, pause);
      return { how: "killed", reason: first };
    }
    // Something that left the group may still hold the output open: what is not over by the limit is unknown.
    const rest = await Promise.race([stop.reason, output.tooMuch, output.all]);
    if (typeof rest === "string") return { how: "killed", reason: rest };
    return first === null
      ? { how: "killed", reason: "a signal ended it" }
      : { how: "exited", code: first, output: rest };
  } finally {
    stop.forget();
    stdin.destroy();
    stdout.destroy();
  }
}

/** The same for every run: what a program needs to find others, and nothing that the runner was given. */
function environment(): Record<string, string> {
  return { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", HOME: homeOfUser(), LANG: "C.UTF-8" };
}

/** The home folder that the system knows, not the one that a variable names. */
function homeOfUser(): string {
  try {
    return userInfo().homedir;
  } catch {
    // A user without an entry, as in many containers.
    return homedir();
  }
}

function readOutput(stream: NonNullable<ChildProcess["stdout"]>): {
  readonly all: Promise<Buffer>;
  readonly tooMuch: Promise<string>;
} {
  const chunks: Buffer[] = [];
  let size = 0;
  const tooMuch = new Promise<string>((resolve) => {
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LARGEST_OUTPUT) chunks.push(chunk);
      else resolve(`it printed more than ${LARGEST_OUTPUT} bytes`);
    });
  });
  const all = new Promise<Buffer>((resolve) => {
    stream.once("close", () => resolve(Buffer.concat(chunks)));
    stream.once("error", () => resolve(Buffer.concat(chunks)));
  });
  return { all, tooMuch };
}

function stopped(signal: AbortSignal): { readonly reason: Promise<string>; readonly forget: () => void } {
  const { promise: reason, resolve } = Promise.withResolvers<string>();
  const tell = (): void => {
    const timedOut = signal.reason instanceof Error && signal.reason.name === "TimeoutError";
    resolve(timedOut ? "it did not end within the time limit" : "it was interrupted");
  };
  if (signal.aborted) tell();
  else signal.addEventListener("abort", tell, { once: true });
  return { reason, forget: () => signal.removeEventListener("abort", tell) };
}

/** Tells the group to end, then kills it, and waits until the command itself is gone. */
async function end(pid: number, ended: Promise<unknown>, pause: Pause): Promise<void> {
  killGroup(pid, "SIGTERM");
  const over = new AbortController();
  await Promise.race([ended, pause(GRACE_SECONDS, over.signal)]);
  over.abort();
  killGroup(pid, "SIGKILL");
  await ended;
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: nothing of it is left. EPERM: what is left became another user, which is not ours to end.
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^E[A-Z0-9]{1,20}$/.test(code) ? code : "it could not be started";
}
