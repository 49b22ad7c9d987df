import { parseArgs } from "node:util";
import { CreError } from "../core/model/errors.ts";
import { nearest } from "../core/text/nearest.ts";
import type { Command, Invocation, OptionSpec } from "./command.ts";
import { GLOBAL_OPTIONS } from "./options.ts";

/** What was asked for: a command with its checked arguments, or help. */
export type Parsed =
  | { readonly kind: "run"; readonly command: Command; readonly invocation: Invocation }
  | { readonly kind: "help"; readonly command: Command | undefined; readonly family: string | undefined }
  | { readonly kind: "version" };

export function usageError(problem: string, fix: string): CreError {
  return new CreError("usage", problem, { fix });
}

type Token = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];

function everyOption(commands: readonly Command[]): OptionSpec[] {
  return [...GLOBAL_OPTIONS, ...commands.flatMap((command) => command.options)];
}

/** Options of all commands together, so that positionals can be told from option values before the command is known. */
function tokensOf(argv: readonly string[], commands: readonly Command[]): Token[] {
  const options: Record<string, { type: "string" | "boolean"; multiple: true; short?: string }> = {
    version: { type: "boolean", multiple: true, short: "V" },
  };
  for (const option of everyOption(commands)) {
    options[option.name] = { type: option.value === undefined ? "boolean" : "string", multiple: true };
  }
  options["help"] = { type: "boolean", multiple: true, short: "h" };
  options["quiet"] = { type: "boolean", multiple: true, short: "q" };
  return parseArgs({ args: [...argv], options, strict: false, tokens: true, allowPositionals: true }).tokens;
}

/** The command that the words name; a family word with a second word that names its member takes both. */
function findCommand(
  words: readonly string[],
  commands: readonly Command[],
): { command: Command; used: number } | undefined {
  const [first, second] = words;
  const pair = commands.find((command) => command.name === `${first} ${second}`);
  if (pair !== undefined) return { command: pair, used: 2 };
  const single = commands.find((command) => command.name === first);
  return single === undefined ? undefined : { command: single, used: 1 };
}

function unknownCommand(word: string, commands: readonly Command[]): CreError {
  const near = nearest(
    word,
    commands.map((command) => command.name),
  );
  return usageError(
    `There is no command \`${word}\`.`,
    near === undefined ? "`cre --help` lists the commands." : `Did you mean \`cre ${near}\`?`,
  );
}

function checkOption(token: Extract<Token, { kind: "option" }>, spec: OptionSpec): string | true {
  const flag = `--${spec.name}`;
  if (spec.value === undefined) {
    if (token.value !== undefined) throw usageError(`${flag} takes no value.`, `Write just ${flag}.`);
    return true;
  }
  if (token.value === undefined || token.value === "") {
    throw usageError(`${flag} needs a value.`, `Write ${flag} ${spec.value}.`);
  }
  if (!token.inlineValue && token.value.startsWith("-")) {
    throw usageError(
      `${flag} needs a value, but ${token.value} follows.`,
      `If that is the value, write ${flag}=${token.value}.`,
    );
  }
  if (spec.choices !== undefined && !spec.choices.includes(token.value)) {
    const near = nearest(token.value, spec.choices);
    const list = spec.choices.join(", ");
    throw usageError(
      `${flag} cannot be \`${token.value}\`.`,
      near === undefined ? `Use one of ${list}.` : `Did you mean ${near}? It is one of ${list}.`,
    );
  }
  return token.value;
}

function unknownOption(rawName: string, command: Command, commands: readonly Command[]): CreError {
  const known = [...GLOBAL_OPTIONS, ...command.options].map((option) => `--${option.name}`);
  const near = nearest(rawName, known);
  if (near !== undefined) {
    return usageError(`\`cre ${command.name}\` has no option ${rawName}.`, `Did you mean ${near}?`);
  }
  const elsewhere = commands.filter((other) =>
    other.options.some((option) => `--${option.name}` === rawName),
  );
  return usageError(
    `\`cre ${command.name}\` has no option ${rawName}.`,
    elsewhere.length === 0
      ? `\`cre ${command.name} --help\` lists its options.`
      : `It belongs to ${elsewhere.map((other) => `\`cre ${other.name}\``).join(", ")}.`,
  );
}

function collectOptions(
  tokens: readonly Token[],
  command: Command,
  commands: readonly Command[],
): Map<string, (string | true)[]> {
  const specs = new Map([...GLOBAL_OPTIONS, ...command.options].map((option) => [option.name, option]));
  const given = new Map<string, (string | true)[]>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const spec = specs.get(token.name);
    if (spec === undefined) throw unknownOption(token.rawName, command, commands);
    const values = given.get(spec.name) ?? [];
    if (values.length > 0 && spec.value !== undefined && spec.many !== true) {
      throw usageError(`--${spec.name} was given twice.`, "Give it once.");
    }
    values.push(checkOption(token, spec));
    given.set(spec.name, values);
  }
  for (const spec of command.options) {
    if (spec.required === true && !given.has(spec.name)) {
      throw usageError(
        `\`cre ${command.name}\` needs --${spec.name}.`,
        `Add --${spec.name} ${spec.value ?? ""}: ${spec.summary}`,
      );
    }
  }
  return given;
}

function checkArguments(args: readonly string[], command: Command): void {
  const required = command.args.filter((arg) => arg.required);
  const missing = required[args.length];
  if (missing !== undefined) {
    throw usageError(`\`cre ${command.name}\` needs ${missing.name}.`, `${missing.name}: ${missing.summary}`);
  }
  const endless = command.args.some((arg) => arg.many === true);
  const extra = endless ? undefined : args[command.args.length];
  if (extra !== undefined) {
    throw usageError(
      `\`cre ${command.name}\` does not know what to do with \`${extra}\`.`,
      `\`cre ${command.name} --help\` shows its arguments.`,
    );
  }
}

/**
 * Reads the arguments (without node and script). Throws a CreError of code `usage` that names the problem and, for a
 * mistyped command or option, the nearest known one.
 */
export function parseCommandLine(argv: readonly string[], commands: readonly Command[]): Parsed {
  const tokens = tokensOf(argv, commands);
  const wantsHelp = tokens.some((token) => token.kind === "option" && token.name === "help");
  let words = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  if (words[0] === "help") return parseHelp(words.slice(1), commands);
  if (words.length === 0) {
    if (tokens.some((token) => token.kind === "option" && token.name === "version")) {
      return { kind: "version" };
    }
    const stray = tokens.find(
      (token) => token.kind === "option" && !GLOBAL_OPTIONS.some(({ name }) => name === token.name),
    );
    if (!wantsHelp && stray?.kind === "option") {
      throw usageError(`${stray.rawName} needs a command before it.`, "`cre --help` lists the commands.");
    }
    return { kind: "help", command: undefined, family: undefined };
  }
  if (wantsHelp) return parseHelp(words, commands);
  const found = findCommand(words, commands);
  if (found === undefined) throw unknownCommand(words[0] ?? "", commands);
  const { command, used } = found;
  const given = collectOptions(tokens, command, commands);
  words = words.slice(used);
  checkArguments(words, command);
  return { kind: "run", command, invocation: invocationOf(words, given) };
}

function parseHelp(words: readonly string[], commands: readonly Command[]): Parsed {
  if (words.length === 0) return { kind: "help", command: undefined, family: undefined };
  const found = findCommand(words, commands);
  if (found === undefined) throw unknownCommand(words[0] ?? "", commands);
  const family = commands.some((command) => command.name.startsWith(`${found.command.name} `))
    ? words[0]
    : undefined;
  return { kind: "help", command: found.command, family };
}

function invocationOf(
  args: readonly string[],
  given: ReadonlyMap<string, readonly (string | true)[]>,
): Invocation {
  const values = (name: string): string[] => (given.get(name) ?? []).filter((value) => value !== true);
  return {
    args,
    value: (name) => values(name)[0],
    values,
    has: (name) => given.has(name),
  };
}
