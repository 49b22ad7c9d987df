import type { Readable } from "node:stream";
import { CreError } from "../core/model/errors.ts";
import { type ExitCode, exitOf, worstExit } from "../core/model/exit-code.ts";
import { type Instant, instantOf } from "../core/model/instant.ts";
import type { Command } from "./command.ts";
import { type Parsed, parseCommandLine } from "./command-line.ts";
import { COMMANDS } from "./command-table.ts";
import { helpOf, helpOverview } from "./help.ts";
import { openTerminal, type Terminal, type TextSink } from "./terminal.ts";
import { productVersion } from "./version.ts";

/** What the program needs from the process that runs it. */
export interface Host {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Default: the clock of this machine. */
  readonly now?: () => Instant;
}

/** Prints an expected error as problem, evidence and fix; a bug as one line, with its stack under CRE_DEBUG=1. */
function printError(error: unknown, terminal: Terminal, env: Host["env"]): void {
  if (error instanceof CreError) {
    terminal.error(error.describe());
  } else {
    const message = error instanceof Error ? error.message : String(error);
    terminal.error(
      `cre failed in a way it should not: ${message}\nFix: run it again with CRE_DEBUG=1 and report what it prints.`,
    );
  }
  if (env["CRE_DEBUG"] === "1" && error instanceof Error) terminal.error(error.stack ?? "");
}

function terminalFor(host: Host, parsed: Parsed | undefined): Terminal {
  const invocation = parsed?.kind === "run" ? parsed.invocation : undefined;
  const output = invocation?.value("output");
  return openTerminal({
    stdout: host.stdout,
    stderr: host.stderr,
    env: host.env,
    cwd: host.cwd,
    color: parsed === undefined ? !host.argv.includes("--no-color") : invocation?.has("no-color") !== true,
    quiet: invocation?.has("quiet") === true,
    ...(output === undefined ? {} : { output }),
  });
}

async function perform(
  parsed: Parsed,
  host: Host,
  terminal: Terminal,
  commands: readonly Command[],
): Promise<ExitCode> {
  const width = Math.min(terminal.width, 100);
  if (parsed.kind === "version") {
    terminal.result(`${productVersion()}\n`);
    return 0;
  }
  if (parsed.kind === "help") {
    terminal.result(
      parsed.command === undefined ? helpOverview(commands, width) : helpOf(parsed.command, commands, width),
    );
    return 0;
  }
  const { command, invocation } = parsed;
  return command.run(invocation, {
    cwd: host.cwd,
    env: host.env,
    stdin: host.stdin,
    terminal,
    now: host.now ?? (() => instantOf(Date.now() / 1000)),
    signal: host.signal,
  });
}

/** Runs one command line to its end. Never throws; the exit code says how it went (4 when it was interrupted). */
export async function runProgram(host: Host, commands: readonly Command[] = COMMANDS): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  let terminal = terminalFor(host, undefined);
  try {
    const parsed = parseCommandLine(host.argv, commands);
    terminal = terminalFor(host, parsed);
    codes.push(await perform(parsed, host, terminal, commands));
  } catch (error) {
    if (!host.signal.aborted) {
      printError(error, terminal, host.env);
      codes.push(exitOf(error));
    }
  }
  if (host.signal.aborted) {
    terminal.error("Interrupted.");
    codes.push(4);
  }
  try {
    await terminal.flush();
  } catch (error) {
    // A reader that has seen enough (`cre list | head`) is no failure.
    if (!(error instanceof Error && "code" in error && error.code === "EPIPE")) {
      printError(error, terminal, host.env);
      codes.push(2);
    }
  }
  return worstExit(codes);
}
