import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CreError } from "../core/model/errors.ts";
import { parseInstant } from "../core/model/instant.ts";
import { COMMANDS, INPUTS } from "./contract.ts";
import { commandOf, type InputReader, readSettings } from "./settings.ts";

const NOW = parseInstant("2026-11-23T10:00:00Z")!;

function reader(inputs: Readonly<Record<string, string>>): InputReader {
  return (name) => inputs[name] ?? "";
}

function settings(inputs: Readonly<Record<string, string>>) {
  const read = reader(inputs);
  return readSettings(commandOf(read), read, NOW);
}

function problems(inputs: Readonly<Record<string, string>>): string {
  try {
    settings(inputs);
  } catch (error) {
    if (error instanceof CreError) return error.message;
    throw error;
  }
  return "none";
}

test("a run takes names, zone and level", () => {
  expect(
    settings({
      command: "run",
      credential: "orders-db, web-key\nweb-key",
      zone: "aws",
      "fail-on": "critical",
    }),
  ).toEqual({
    command: "run",
    path: ".",
    failOn: "critical",
    zone: "aws",
    credentials: ["orders-db", "web-key"],
  });
});

test("a declared leak waits for the proof unless it is told not to", () => {
  const given = { command: "compromise", credential: "orders-db", reason: "in a build log" };
  expect(settings(given)).toMatchObject({ wait: true, revokeFirst: false });
  expect(settings({ ...given, wait: "false", "revoke-first": "true" })).toMatchObject({
    wait: false,
    revokeFirst: true,
  });
});

test("the end of a hold is an instant, or a time from now", () => {
  const given = { command: "hold", all: "true", reason: "incident" };
  expect(settings({ ...given, until: "4h" })).toMatchObject({
    credentials: "all",
    until: "2026-11-23T14:00:00Z",
  });
  expect(settings({ ...given, until: "2026-12-01" })).toMatchObject({ until: "2026-12-01T00:00:00Z" });
  expect(problems({ ...given, until: "2026-11-01" })).toContain("until: 2026-11-01T00:00:00Z is over");
  expect(problems({ ...given, until: "soon" })).toContain("until: cannot be `soon`");
});

test("an empty form is a form without values: unticked boxes are no inputs that the command lacks", () => {
  expect(
    settings({ command: "run", reason: "", until: "", id: "", all: "false", "revoke-first": "false" }),
  ).toMatchObject({ command: "run", credentials: [] });
});

test("everything that is wrong is told at once, each with its input", () => {
  const text = problems({
    command: "hold",
    credential: "Orders DB",
    all: "yes",
    until: "never",
    id: "orders-db",
    "fail-on": "high",
  });
  for (const name of ["credential", "all", "until", "id", "fail-on", "reason"]) {
    expect(text).toContain(`- ${name}: `);
  }
});

describe("the command", () => {
  test("is needed, and there is no harmless or harmful default", () => {
    expect(problems({})).toBe(`input command: is needed: one of ${COMMANDS.join(", ")}`);
    expect(problems({ command: "Run" })).toContain("there is no command `Run`");
    expect(problems({ command: "frobnicate" })).toContain("it is one of validate, run, compromise,");
    expect(problems({ command: "comprimise" })).toContain("did you mean compromise?");
  });

  test.each(["compromise", "hold", "release"])("%s needs to say why", (command) => {
    expect(problems({ command })).toContain("reason: is needed");
  });
});

test("what a command does not take is refused, so that nobody believes in it", () => {
  expect(problems({ command: "run", "revoke-first": "true" })).toBe(
    "input revoke-first: is nothing that `run` takes",
  );
});

test("each input is read once, and nothing but the inputs of action.yml", () => {
  const known = new Set<string>(INPUTS.map(({ name }) => name));
  for (const command of COMMANDS) {
    const read: string[] = [];
    try {
      readSettings(command, (name) => (read.push(name) > 0 && name === "command" ? command : ""), NOW);
    } catch {
      // What is missing is another test's.
    }
    expect(new Set(read)).toEqual(known);
    expect(read).toHaveLength(known.size);
  }
});

test("whatever is given, it is settings or a problem that names the input", () => {
  const inputs = fc.dictionary(fc.constantFrom(...INPUTS.map(({ name }) => name)), fc.string());
  fc.assert(
    fc.property(fc.constantFrom(...COMMANDS), inputs, (command, given) => {
      const text = problems({ ...given, command });
      expect(text === "none" || /^input [a-z-]+: |^\d+ inputs are wrong:\n- [a-z-]+: /.test(text)).toBe(true);
    }),
  );
});
