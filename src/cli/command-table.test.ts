import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseCommandLine } from "./command-line.ts";
import { COMMANDS } from "./command-table.ts";
import { helpOf, helpOverview } from "./help.ts";
import { GLOBAL_OPTIONS } from "./options.ts";
import { commandReference } from "./reference.ts";

test("the reference page is what the command table says", () => {
  const page = readFileSync(new URL("../../.github/docs/commands.md", import.meta.url), "utf8");
  expect(page).toBe(commandReference(COMMANDS));
});

test("each command has its own name, and no option twice but for a `--format` of its own", () => {
  const names = COMMANDS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { options } of COMMANDS) {
    const own = options.map(({ name }) => name);
    expect(new Set(own).size).toBe(own.length);
    const replaced = GLOBAL_OPTIONS.filter(({ name }) => own.includes(name)).map(({ name }) => name);
    expect(["format"]).toEqual(expect.arrayContaining(replaced));
  }
});

test("an option takes a value in every command that has it, or in none", () => {
  const kinds = new Map<string, boolean>();
  for (const { name, value } of [...GLOBAL_OPTIONS, ...COMMANDS.flatMap(({ options }) => options)]) {
    expect(kinds.get(name) ?? value !== undefined).toBe(value !== undefined);
    kinds.set(name, value !== undefined);
  }
});

/** Words of a shell line without expansions. */
function wordsOf(line: string): string[] {
  const command = line.split("|").at(-1)?.trim() ?? "";
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? "").slice(1);
}

for (const command of COMMANDS) {
  for (const { line } of command.examples) {
    test(`the example \`${line}\` is understood`, () => {
      expect(parseCommandLine(wordsOf(line), COMMANDS)).toMatchObject({ kind: "run", command });
    });
  }

  test(`the help of ${command.name} fits 80 columns and shows an example`, () => {
    const help = helpOf(command, COMMANDS, 80);
    expect(command.examples.length).toBeGreaterThan(0);
    const examples = new Set(command.examples.flatMap(({ line, does }) => [`  ${line}`, `  # ${does}`]));
    const lines = help.split("\n").filter((text) => !examples.has(text) && !text.startsWith("Usage: "));
    expect(lines.filter((text) => text.length > 80)).toEqual([]);
  });
}

test("the overview names every command in 80 columns", () => {
  const overview = helpOverview(COMMANDS, 80);
  for (const { name } of COMMANDS) expect(overview).toContain(`  ${name}`);
  expect(overview.split("\n").filter((text) => text.length > 80)).toEqual([]);
});
