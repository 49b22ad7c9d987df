import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { runProgram } from "../../cli/program.ts";
import type { TextSink } from "../../cli/terminal.ts";
import { type Instant, parseInstant } from "../../core/model/instant.ts";

/** How one command line ended. */
export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CliOptions {
  readonly stdin?: string | Uint8Array | Readable;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** What the clock of the machine says. */
  readonly now?: string;
  /** Columns of a terminal; absent: a pipe. */
  readonly columns?: number;
}

/** The instant at which tests run, unless they say otherwise. */
export const TODAY = "2026-11-23T10:00:00Z";

/** Runs command lines in a folder as the program does, with streams of its own. */
export class CliSession {
  readonly path: string;
  readonly #env: Readonly<Record<string, string | undefined>>;

  constructor(path: string, env: Readonly<Record<string, string | undefined>>) {
    this.path = path;
    this.#env = env;
  }

  async run(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
    const [stdout, stderr] = [sink(options.columns), sink(options.columns)];
    const { stdin = "" } = options;
    const code = await runProgram({
      argv: args,
      cwd: this.path,
      env: { USER: "alice", ...this.#env, ...options.env },
      stdin: stdin instanceof Readable ? stdin : Readable.from([Buffer.from(stdin)]),
      stdout: stdout.sink,
      stderr: stderr.sink,
      signal: options.signal ?? new AbortController().signal,
      now: () => instant(options.now ?? TODAY),
    });
    return { code, out: stdout.text(), err: stderr.text() };
  }

  /** Writes a file of the work tree. */
  async write(file: string, text: string | Uint8Array): Promise<void> {
    const path = join(this.path, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }

  read(file: string): string {
    return readFileSync(join(this.path, file), "utf8");
  }
}

function sink(columns: number | undefined): { readonly sink: TextSink; text(): string } {
  let text = "";
  return {
    sink: {
      isTTY: columns !== undefined,
      ...(columns === undefined ? {} : { columns }),
      write: (piece, done) => {
        text += piece;
        done?.();
        return true;
      },
    },
    text: () => text,
  };
}

export function instant(text: string): Instant {
  const parsed = parseInstant(text);
  if (parsed === undefined) throw new Error(`no instant: ${text}`);
  return parsed;
}
