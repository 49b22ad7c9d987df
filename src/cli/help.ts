import { type ArgumentSpec, type Command, GROUPS, type OptionSpec } from "./command.ts";
import { GLOBAL_OPTIONS } from "./options.ts";
import { wrap } from "./table.ts";

function argumentText(arg: ArgumentSpec): string {
  const name = arg.many === true ? `${arg.name}...` : arg.name;
  return arg.required ? name : `[${name}]`;
}

/** `cre rotate NAME [options]`. */
export function usageLine(command: Command): string {
  const required = command.options
    .filter((option) => option.required === true)
    .map((option) => `--${option.name} ${option.value ?? ""}`.trim());
  const optional = command.options.length > required.length ? ["[options]"] : [];
  return ["cre", command.name, ...command.args.map(argumentText), ...required, ...optional].join(" ");
}

/** `--name VALUE`, as it is typed. */
export function optionText(option: OptionSpec): string {
  return option.value === undefined ? `--${option.name}` : `--${option.name} ${option.value}`;
}

function rows(pairs: readonly (readonly [string, string])[], width: number): string {
  const left = Math.min(Math.max(...pairs.map(([name]) => name.length)), 28);
  return pairs
    .map(([name, summary]) => {
      const indent = " ".repeat(left + 4);
      const text = wrap(summary, width, indent).trimStart();
      return name.length > left ? `  ${name}\n${indent}${text}` : `  ${name.padEnd(left)}  ${text}`;
    })
    .join("\n");
}

function optionRows(options: readonly OptionSpec[]): (readonly [string, string])[] {
  return options.map((option) => [
    optionText(option),
    option.many === true ? `${option.summary} Repeatable.` : option.summary,
  ]);
}

/** What `cre --help` prints: every command by group. */
export function helpOverview(commands: readonly Command[], width: number): string {
  const groups = GROUPS.map((group) => {
    const members = commands.filter((command) => command.group === group);
    return `${group}:\n${rows(
      members.map((command) => [command.name, command.summary]),
      width,
    )}`;
  });
  return [
    wrap(
      "cre finds credentials that are due by policy and rotates them safely, with git as its database.",
      width,
    ),
    "Usage: cre COMMAND [arguments] [options]",
    ...groups,
    `Everywhere:\n${rows(optionRows(GLOBAL_OPTIONS), width)}`,
    wrap(
      "Exit codes: 0 done; 1 findings at or above --fail-on, a mismatch, a failing probe; 2 invalid input or usage, or cannot say; 3 a rotation needs a person, the audit chain is broken, a source failed; 4 interrupted.",
      width,
    ),
    "`cre COMMAND --help` shows one command with examples.\n",
  ].join("\n\n");
}

/** What `cre COMMAND --help` prints. */
export function helpOf(command: Command, commands: readonly Command[], width: number): string {
  const sections = [`${wrap(command.summary, width)}\n\nUsage: ${usageLine(command)}`];
  if (command.detail !== undefined) {
    sections.push(command.detail.map((text) => wrap(text, width)).join("\n\n"));
  }
  if (command.args.length > 0) {
    sections.push(
      `Arguments:\n${rows(
        command.args.map((arg) => [arg.name, arg.summary]),
        width,
      )}`,
    );
  }
  if (command.options.length > 0) sections.push(`Options:\n${rows(optionRows(command.options), width)}`);
  const family = commands.filter((other) => other.name.startsWith(`${command.name} `));
  if (family.length > 0) {
    sections.push(
      `See also:\n${rows(
        family.map((other) => [other.name, other.summary]),
        width,
      )}`,
    );
  }
  const everywhere = GLOBAL_OPTIONS.filter(({ name }) => !command.options.some((own) => own.name === name));
  sections.push(`Everywhere:\n${rows(optionRows(everywhere), width)}`);
  if (command.examples.length > 0) {
    sections.push(
      `Examples:\n${command.examples.map(({ line, does }) => `  # ${does}\n  ${line}`).join("\n")}`,
    );
  }
  return `${sections.join("\n\n")}\n`;
}
