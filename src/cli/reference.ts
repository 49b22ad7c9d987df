import { type Command, GROUPS, type OptionSpec } from "./command.ts";
import { optionText, usageLine } from "./help.ts";
import { GLOBAL_OPTIONS } from "./options.ts";

const EXIT_CODES: readonly (readonly [string, string])[] = [
  ["0", "done; a healthy wait is 0 too"],
  ["1", "findings at or above `--fail-on`, a mismatch, a failing probe"],
  ["2", "invalid input or usage, or it cannot be said"],
  ["3", "a rotation needs a person, the audit chain is broken, a source failed"],
  ["4", "interrupted"],
];

/** The reference page of all commands, made from the command table. */
export function commandReference(commands: readonly Command[]): string {
  const groups = GROUPS.map((group) => {
    const members = commands.filter((command) => command.group === group);
    return [`## ${group}`, ...members.map(commandSection)].join("\n\n");
  });
  return `${[
    "# Commands",
    "Made from the command table by `npm run generate`; `cre COMMAND --help` says the same.",
    overview(commands),
    "## Everywhere",
    "Results go to standard output, progress and warnings to standard error.",
    table(["option", "what it does"], optionRows(GLOBAL_OPTIONS)),
    "Of several exit codes that apply the one wins that comes first in 4, 2, 3, 1.",
    table(["exit code", "meaning"], EXIT_CODES),
    ...groups,
  ].join("\n\n")}\n`;
}

function overview(commands: readonly Command[]): string {
  const rows = commands.map(
    (command) => [`[\`cre ${command.name}\`](#${anchorOf(command)})`, escaped(command.summary)] as const,
  );
  return table(["command", "what it does"], rows);
}

function anchorOf(command: Command): string {
  return `cre-${command.name.replaceAll(" ", "-")}`;
}

function commandSection(command: Command): string {
  const { name, summary, detail = [], args, options, examples } = command;
  const rows = [
    ...args.map((arg) => [`\`${arg.name}\``, escaped(arg.summary)] as const),
    ...optionRows(options),
  ];
  return [
    `### cre ${name}`,
    escaped(summary),
    `\`\`\`\n${usageLine(command)}\n\`\`\``,
    ...detail.map(escaped),
    ...(rows.length === 0 ? [] : [table(["argument", "what it is"], rows)]),
    `\`\`\`sh\n${examples.map(({ line, does }) => `# ${does}\n${line}`).join("\n")}\n\`\`\``,
  ].join("\n\n");
}

function optionRows(options: readonly OptionSpec[]): readonly (readonly [string, string])[] {
  return options.map((option) => {
    const choices =
      option.choices === undefined
        ? ""
        : ` One of ${option.choices.map((choice) => `\`${choice}\``).join(", ")}.`;
    const notes = `${option.required === true ? " Required." : ""}${option.many === true ? " Repeatable." : ""}`;
    return [
      `\`${optionText(option).replaceAll("|", "\\|")}\``,
      `${escaped(option.summary)}${choices}${notes}`,
    ];
  });
}

function table(titles: readonly [string, string], rows: readonly (readonly [string, string])[]): string {
  return [`| ${titles.join(" | ")} |`, "|---|---|", ...rows.map((row) => `| ${row.join(" | ")} |`)].join(
    "\n",
  );
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
