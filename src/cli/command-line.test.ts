import { describe, expect, test } from "vitest";
import type { Command } from "./command.ts";
import { parseCommandLine } from "./command-line.ts";

function command(name: string, parts: Partial<Command> = {}): Command {
  const none = { group: "Look", summary: "", args: [], options: [], examples: [] } as const;
  return { ...none, name, run: async () => 0, ...parts };
}

const COMMANDS = [
  command("show", { args: [{ name: "NAME", summary: "The credential.", required: true }] }),
  command("audit", { args: [{ name: "NAME", summary: "", required: false }] }),
  command("audit verify", { options: [{ name: "anchor", value: "HASH", summary: "" }] }),
  command("hold", {
    args: [{ name: "NAME", summary: "", required: false, many: true }],
    options: [
      { name: "all", summary: "" },
      { name: "until", value: "INSTANT", required: true, summary: "The end." },
      { name: "label", value: "K=V", many: true, summary: "" },
    ],
  }),
];

function parse(line: string) {
  return parseCommandLine(line.split(" ").filter(Boolean), COMMANDS);
}

describe("what was asked for", () => {
  test("arguments and options may stand in any order", () => {
    const parsed = parse("hold --label a=1 orders-db --until=2026-12-01 --label b=2 other --all");
    if (parsed.kind !== "run") throw new Error("no command");
    expect(parsed.invocation.args).toEqual(["orders-db", "other"]);
    expect(parsed.invocation.values("label")).toEqual(["a=1", "b=2"]);
    expect(parsed.invocation.value("until")).toBe("2026-12-01");
    expect(parsed.invocation.has("all")).toBe(true);
    expect(parsed.invocation.has("quiet")).toBe(false);
  });

  test("two words are a command of a family, else an argument", () => {
    expect(parse("audit verify")).toMatchObject({
      command: { name: "audit verify" },
      invocation: { args: [] },
    });
    expect(parse("audit orders-db")).toMatchObject({
      command: { name: "audit" },
      invocation: { args: ["orders-db"] },
    });
  });

  test("what follows -- is an argument", () => {
    expect(parse("show -- --odd-name")).toMatchObject({ invocation: { args: ["--odd-name"] } });
  });

  for (const line of ["", "--help", "-h", "help"]) {
    test(`\`cre ${line}\` shows the overview`, () => {
      expect(parse(line)).toEqual({ kind: "help", command: undefined, family: undefined });
    });
  }

  for (const line of ["help show", "show --help", "show -h", "--help show"]) {
    test(`\`cre ${line}\` shows the help of one command`, () => {
      expect(parse(line)).toMatchObject({ kind: "help", command: { name: "show" } });
    });
  }

  for (const line of ["--version", "-V"]) {
    test(`\`cre ${line}\` shows the version`, () => expect(parse(line)).toEqual({ kind: "version" }));
  }
});

describe("a mistake is named, with the way out", () => {
  const cases: readonly [line: string, words: RegExp][] = [
    ["shwo x", /no command `shwo`/],
    ["show", /needs NAME/],
    ["show a b", /does not know what to do with `b`/],
    ["show a --untl 4", /no option --untl/],
    ["show a --all", /no option --all/],
    ["hold a", /needs --until/],
    ["hold a --until", /--until needs a value/],
    ["hold a --until=", /--until needs a value/],
    ["hold a --until --all", /--until needs a value, but --all follows/],
    ["hold a --until 1 --until 2", /--until was given twice/],
    ["hold a --until 1 --all=yes", /--all takes no value/],
    ["show a --format yaml", /--format cannot be `yaml`/],
    ["--until 4", /--until needs a command before it/],
    ["help shwo", /no command `shwo`/],
  ];
  for (const [line, words] of cases) {
    test(`cre ${line}`, () => expect(() => parse(line)).toThrow(words));
  }
});
