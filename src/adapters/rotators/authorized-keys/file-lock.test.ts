import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LOCK, lockScript } from "./file-lock.ts";
import { quoted } from "./shell-text.ts";

let folder: string;
let lock: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cre-lock-"));
  lock = join(folder, `keys${LOCK}`);
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

/** What a host's shell says to a credential that wants the file. */
async function ask(credential: string, patience: number): Promise<string> {
  const child = spawn("/bin/sh", ["-s"], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(`f=${quoted(join(folder, "keys"))}\n${lockScript(credential, patience)}\necho locked\n`);
  const said: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => said.push(chunk));
  await new Promise((resolve) => child.on("close", resolve));
  return Buffer.concat(said).toString().trim();
}

const now = (): number => Math.floor(Date.now() / 1000);
const holder = async (): Promise<string> => (await readFile(lock, "utf8")).split(" ")[0] ?? "";

describe("the lock of a file", () => {
  test("is had by one of many who ask at once, whose names stay apart", async () => {
    const names = ["one", "two", "three", "four", "five"];
    const said = await Promise.all(names.map(async (name) => ask(name, 1)));
    expect(said.toSorted()).toEqual([...names.slice(1).map(() => "cre-busy"), "locked"]);
    expect(await holder()).toBe(names[said.indexOf("locked")]);
    expect(await readdir(folder)).toEqual([`keys${LOCK}`]);
  });

  test("that the same credential left behind holds nobody up but others", async () => {
    await writeFile(lock, `one ${now()} 1\n`);
    expect(await ask("two", 0)).toBe("cre-busy");
    expect(await holder()).toBe("one");
    expect(await ask("one", 0)).toBe("locked");
  });

  test.each([
    ["minutes ago", () => `one ${now() - 600} 1\n`],
    ["by a clock that is ahead", () => `one ${now() + 600} 1\n`],
    ["without a time", () => "somebody's own file\n"],
  ])("that was made %s is one of the dead", async (_, text) => {
    await writeFile(lock, text());
    const said = await Promise.all([ask("two", 5), ask("three", 2)]);
    expect(said.filter((words) => words === "locked")).toHaveLength(1);
    expect(await holder()).toBe(said[0] === "locked" ? "two" : "three");
  });

  test("that cannot be made ends the change", async () => {
    await rm(folder, { recursive: true });
    expect(await ask("one", 1)).toBe("");
  });
});
