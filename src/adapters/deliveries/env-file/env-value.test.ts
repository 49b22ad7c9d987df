import { execFile } from "node:child_process";
import { parseEnv, promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EffectError } from "../../../core/model/errors.ts";
import { Secret } from "../../../core/model/secret.ts";
import { assignmentLine } from "./env-value.ts";

const run = promisify(execFile);

function line(value: string): string {
  return Buffer.from(assignmentLine("KEY", new Secret(value)), "latin1").toString("utf8");
}

/** What a shell takes `KEY` for after it has read each line, all in one process. */
async function sourced(shell: string, lines: readonly string[]): Promise<readonly string[]> {
  const script = `${lines.map((text) => `${text}\nprintf '%s\\0' "$KEY"`).join("\n")}\n`;
  const { stdout } = await run(shell, ["-c", script], { env: { PATH: "/usr/bin:/bin" }, maxBuffer: 1 << 24 });
  return stdout.split("\0").slice(0, -1);
}

/** Reads one line as systemd does for EnvironmentFile= (load_env_file in its env-file.c), values in one line only. */
function readBySystemd(text: string): string {
  let value = "";
  let state: "before" | "plain" | "single" | "double" = "before";
  const rest = text.slice(text.indexOf("=") + 1);
  for (let at = 0; at < rest.length; at += 1) {
    const character = rest[at] ?? "";
    if (state === "single") {
      if (character === "'") state = "before";
      else value += character;
    } else if (state === "double") {
      if (character === '"') state = "before";
      else if (character === "\\") {
        at += 1;
        value += `${'"\\`$'.includes(rest[at] ?? "") ? "" : "\\"}${rest[at] ?? ""}`;
      } else value += character;
    } else if (state === "before" && (character === "'" || character === '"')) {
      state = character === "'" ? "single" : "double";
    } else {
      state = "plain";
      if (character === "\\") {
        at += 1;
        value += rest[at] ?? "";
      } else value += character;
    }
  }
  return value;
}

const oneLine = fc
  .string({ unit: "grapheme" })
  .filter((text) => text.isWellFormed() && !/(?!\t)\p{Cc}/u.test(text));
const nasty = fc
  .array(fc.constantFrom(...Array.from("'\"\\$`# =!&|;(){}[]<>*?~%a1\tä")))
  .map((characters) => characters.join(""));

describe("a value", () => {
  test.each([
    ["postgres://u:p%40@db.internal:5432/orders", "KEY=postgres://u:p%40@db.internal:5432/orders"],
    ["", "KEY="],
    ["two words", "KEY='two words'"],
    ["#start", "KEY='#start'"],
    ["~root", "KEY='~root'"],
    ['back\\slash "and" $HOME `id`', "KEY='back\\slash \"and\" $HOME `id`'"],
    ["it's", `KEY="it's"`],
    [`it's "$HOME" \`id\` \\`, 'KEY="it\'s \\"\\$HOME\\" \\`id\\` \\\\"'],
  ])("%j is written as %s", (value, expected) => {
    expect(line(value)).toBe(expected);
  });

  test.each(["sh", "bash"])("comes back whole when %s sources it", async (shell) => {
    const values = [...fc.sample(oneLine, 300), ...fc.sample(nasty, 300)];
    expect(await sourced(shell, values.map(line))).toEqual(values);
  });

  test("comes back whole from an EnvironmentFile of systemd", () => {
    fc.assert(
      fc.property(fc.oneof(oneLine, nasty), (value) => {
        expect(readBySystemd(line(value))).toBe(value);
      }),
    );
  });

  test("comes back whole from dotenv, unless it has a single quote and one of the characters that it must escape", () => {
    fc.assert(
      fc.property(fc.oneof(oneLine, nasty), (value) => {
        fc.pre(!(value.includes("'") && /["\\$`]/.test(value)));
        expect(parseEnv(`BEFORE=1\n${line(value)}\nAFTER=2\n`)).toEqual({
          BEFORE: "1",
          KEY: value,
          AFTER: "2",
        });
      }),
    );
  });

  test.each([
    ["a line break", "canary\nPATH=/tmp"],
    ["a carriage return", "canary\r"],
    ["NUL", "canary\0"],
    ["an escape", "canary\u001b[2J"],
    ["a C1 control", "canary\u0085"],
    ["half a character", "canary\ud800"],
  ])("with %s is refused without showing it", (_, value) => {
    let error: unknown;
    try {
      line(value);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(EffectError);
    expect(error).toMatchObject({ outcome: "refused", retryable: false, code: "env-file-value" });
    expect(error instanceof EffectError && error.describe()).not.toContain("canary");
  });
});
