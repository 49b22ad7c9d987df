import type { Readable } from "node:stream";
import type { ExitCode } from "../core/model/exit-code.ts";
import type { Instant } from "../core/model/instant.ts";
import type { Terminal } from "./terminal.ts";

/** One option of a command. Without `value` it is a switch. */
export interface OptionSpec {
  /** Without the dashes. */
  readonly name: string;
  /** Placeholder of its value in help, such as `NAME`. */
  readonly value?: string;
  readonly summary: string;
  /** May be given several times. */
  readonly many?: boolean;
  readonly required?: boolean;
  /** The only values it takes. */
  readonly choices?: readonly string[];
}

export interface ArgumentSpec {
  readonly name: string;
  readonly summary: string;
  readonly required: boolean;
  readonly many?: boolean;
}

export interface Example {
  readonly line: string;
  readonly does: string;
}

/** What was typed, checked against the command's description. */
export interface Invocation {
  readonly args: readonly string[];
  /** Value of an option that was given once, else undefined. */
  value(name: string): string | undefined;
  values(name: string): readonly string[];
  has(name: string): boolean;
}

/** Everything a command may touch outside of its arguments. Tests and the program inject it. */
export interface CliContext {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable;
  readonly terminal: Terminal;
  /** The clock of this machine. */
  now(): Instant;
  readonly signal: AbortSignal;
}

export const GROUPS = ["Look", "Act", "Write documents", "Prove", "Set up"] as const;
export type Group = (typeof GROUPS)[number];

/** One row of the command table; help, parsing and the reference page are made from it. */
export interface Command {
  /** One word, or two for a family: `audit verify`. */
  readonly name: string;
  readonly group: Group;
  readonly summary: string;
  /** Paragraphs of detail for help and the reference page. */
  readonly detail?: readonly string[];
  readonly args: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  readonly examples: readonly Example[];
  run(invocation: Invocation, context: CliContext): Promise<ExitCode>;
}
