import { type Command, GROUPS } from "./command.ts";

/** The commands as one Markdown table, for the README; the reference page has the details. */
export function commandSummary(commands: readonly Command[]): string {
  const rows = GROUPS.flatMap((group) => commands.filter((command) => command.group === group)).map(
    ({ name, args, summary }) => {
      const words = args.map((arg) => (arg.required ? arg.name : `[${arg.name}]`).replaceAll("|", "\\|"));
      return `| \`${["cre", name, ...words].join(" ")}\` | ${summary} |`;
    },
  );
  return ["| command | does |", "|---|---|", ...rows].join("\n");
}
