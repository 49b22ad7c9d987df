import { INPUTS, type InputSpec, OUTPUTS } from "../action/contract.ts";

/** The text of `action.yml`: its inputs and outputs are those that the code reads and sets. */
export function actionMetadata(): string {
  const inputs: readonly InputSpec[] = INPUTS;
  return [
    "# Made from src/action/contract.ts by `npm run generate`.",
    "name: Credential Rotation Enforcer",
    "description: Rotates credentials by reviewed policies, with proof; pull-request checks, scheduled runs, answers to leaks.",
    "author: Credential Rotation Enforcer maintainers",
    "branding:",
    "  icon: refresh-cw",
    "  color: green",
    "inputs:",
    ...inputs.flatMap(({ name, summary, isRequired = false }) => [
      `  ${name}:`,
      `    description: ${JSON.stringify(summary)}`,
      `    required: ${isRequired}`,
    ]),
    "outputs:",
    ...OUTPUTS.flatMap(({ name, summary }) => [`  ${name}:`, `    description: ${JSON.stringify(summary)}`]),
    "runs:",
    "  using: node24",
    "  main: dist/action/main.mjs",
    "",
  ].join("\n");
}

/** The table of inputs for the page about the action. */
export function inputTable(): string {
  const inputs: readonly InputSpec[] = INPUTS;
  return table(
    ["Input", "For", "What"],
    inputs.map(({ name, commands, summary }) => [
      `\`${name}\``,
      commands === INPUTS[0].commands ? "all" : commands.map((command) => `\`${command}\``).join(" "),
      summary,
    ]),
  );
}

/** The table of outputs for the page about the action. */
export function outputTable(): string {
  return table(
    ["Output", "What"],
    OUTPUTS.map(({ name, summary }) => [`\`${name}\``, summary]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return `${lines.join("\n")}\n`;
}
