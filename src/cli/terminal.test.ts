import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openTerminal, type TerminalSettings } from "./terminal.ts";

function open(
  settings: Partial<TerminalSettings> & { readonly isTTY?: boolean; readonly columns?: number } = {},
) {
  const written = { out: "", err: "" };
  const { isTTY = true, columns = 80, ...rest } = settings;
  const sink = (name: "out" | "err") => ({
    isTTY,
    columns,
    write: (text: string, done?: () => void) => {
      written[name] += text;
      done?.();
      return true;
    },
  });
  const terminal = openTerminal({
    stdout: sink("out"),
    stderr: sink("err"),
    env: { TERM: "xterm" },
    color: true,
    quiet: false,
    cwd: "/",
    ...rest,
  });
  return { terminal, written };
}

const colors: readonly [what: string, settings: Parameters<typeof open>[0], colored: boolean][] = [
  ["on a terminal", {}, true],
  ["not in a pipe", { isTTY: false }, false],
  ["not with NO_COLOR", { env: { NO_COLOR: "1" } }, false],
  ["with an empty NO_COLOR", { env: { NO_COLOR: "" } }, true],
  ["not with --no-color", { color: false }, false],
  ["not on a dumb terminal", { env: { TERM: "dumb" } }, false],
  ["in a pipe with FORCE_COLOR", { isTTY: false, env: { FORCE_COLOR: "1" } }, true],
  ["not with FORCE_COLOR=0", { env: { FORCE_COLOR: "0" } }, false],
  ["not in a file", { output: "x" }, false],
];
for (const [what, settings, colored] of colors) {
  test(`results are coloured ${what}`, () => {
    expect(open(settings).terminal.style("red", "x")).toBe(colored ? "\u001b[31mx\u001b[39m" : "x");
  });
}

const widths: readonly [what: string, settings: Parameters<typeof open>[0], width: number][] = [
  ["of the terminal", { columns: 132 }, 132],
  ["without end in a pipe", { isTTY: false }, Infinity],
  ["without end in a file", { output: "x" }, Infinity],
  ["that COLUMNS says", { isTTY: false, env: { COLUMNS: "100" } }, 100],
  ["of the terminal where COLUMNS is nonsense", { env: { COLUMNS: "wide" } }, 80],
];
for (const [what, settings, width] of widths) {
  test(`a result has the width ${what}`, () => expect(open(settings).terminal.width).toBe(width));
}

test("a result is written in one piece, progress at once, and --quiet drops only progress", async () => {
  const { terminal, written } = open({ quiet: true, color: false });
  terminal.result("a\n");
  terminal.note("progress");
  terminal.warn("careful");
  terminal.error("wrong");
  expect(written).toEqual({ out: "", err: "careful\nwrong\n" });
  terminal.result("b\n");
  await terminal.flush();
  expect(written.out).toBe("a\nb\n");
});

test("only our own colours pass as control characters", async () => {
  const { terminal, written } = open();
  terminal.result(`${terminal.style("red", "no")} \u001b[8mhidden\u001b[2J\u0007\u202e\n`);
  await terminal.flush();
  expect(written.out).toBe("\u001b[31mno\u001b[39m \\u{1b}[8mhidden\\u{1b}[2J\\u{7}\\u{202e}\n");
});

test("an output file gets the result; one that cannot be written is an error in words", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cre-terminal-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { terminal, written } = open({ output: "list.txt", cwd: folder });
  terminal.result("a\n");
  await terminal.flush();
  expect(readFileSync(join(folder, "list.txt"), "utf8")).toBe("a\n");
  expect(written.out).toBe("");
  await expect(open({ output: "none/list.txt", cwd: folder }).terminal.flush()).rejects.toThrow(
    /could not be written/,
  );
});
