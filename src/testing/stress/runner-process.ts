import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { inject } from "vitest";

/** What a runner process is told to do. */
export interface RunnerOrder {
  readonly repo: string;
  /** A clock of its own that starts at an instant, or one in a file that all share. */
  readonly clock: { readonly start: string } | { readonly file: string };
  /** Credentials to look at; absent: all. */
  readonly only?: readonly string[];
  /**
   * What befalls it at a line that touches the world, such as the second `before push`: a signal to itself, or a
   * command that runs meanwhile.
   */
  readonly fate?: {
    readonly point: string;
    readonly nth: number;
    readonly what: "SIGKILL" | "SIGSTOP" | readonly string[];
  };
}

/** What a runner process says, one JSON object a line. */
export type Said =
  /** A push that ended: accepted as this commit, else rejected because the branch had moved. */
  | { readonly kind: "push"; readonly milliseconds: number; readonly commit?: string }
  /** An effect is tried now. */
  | { readonly kind: "effect"; readonly call: string; readonly credential: string }
  | { readonly kind: "fate"; readonly point: string }
  | { readonly kind: "warning"; readonly text: string }
  | { readonly kind: "end"; readonly exit: number; readonly lines: readonly string[] }
  /** The run rejected. */
  | { readonly kind: "failed"; readonly code: string; readonly text: string };

export interface RunnerProcess {
  readonly child: ChildProcess;
  /** Everything it has said so far. */
  readonly said: readonly Said[];
  /** Resolves when it has ended, with the signal that ended it. */
  readonly ended: Promise<NodeJS.Signals | undefined>;
}

export interface RunnerPlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A command in front of it. */
  readonly enter?: readonly string[];
}

/** Starts a run in a process of its own. */
export function startRunner(order: RunnerOrder, { env, enter = [] }: RunnerPlace): RunnerProcess {
  const built = inject("builtRunners");
  const [command, ...args] = [...enter, process.execPath, built.stress, JSON.stringify(order)];
  const child = spawn(command, args, { env: { ...env, ...built.env }, stdio: ["ignore", "pipe", "inherit"] });
  const said: Said[] = [];
  // `as`: our own script writes nothing else.
  createInterface(child.stdout).on("line", (line) => said.push(JSON.parse(line) as Said));
  const ended = new Promise<NodeJS.Signals | undefined>((done) => {
    child.on("close", (_, signal) => done(signal ?? undefined));
  });
  return { child, said, ended };
}

/** Runs it to its end. */
export async function runInProcess(order: RunnerOrder, place: RunnerPlace): Promise<readonly Said[]> {
  const { said, ended } = startRunner(order, place);
  await ended;
  return said;
}
