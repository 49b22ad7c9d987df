import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { closingLine } from "./closing-line.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const reporter = fileURLToPath(new URL("closing-line.ts", import.meta.url));

test("skipped tests are named only where there are some", () => {
  expect(closingLine({ passed: 2, failed: 1, skipped: 0 })).toBe("2 passed, 1 failed");
  expect(closingLine({ passed: 2, failed: 0, skipped: 3 })).toBe("2 passed, 0 failed, 3 skipped");
});

describe("the last line of a test run", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "cre-closing-line-"));
    await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  });
  afterEach(async () => rm(folder, { recursive: true, force: true }));

  async function run(testFile: string, setup = ""): Promise<{ last: string | undefined; code: number }> {
    await mkdir(join(folder, "t"));
    await writeFile(join(folder, "t", "a.test.ts"), `import { test, expect } from "vitest";\n${testFile}`);
    await writeFile(
      join(folder, "setup.ts"),
      `export function setup() { ${setup} }\nexport function teardown() { console.log("late"); }`,
    );
    await writeFile(
      join(folder, "vitest.config.ts"),
      `import { ClosingLine } from ${JSON.stringify(reporter)};
       export default { test: { reporters: ["default", new ClosingLine()], globalSetup: ["setup.ts"], include: ["t/*.test.ts"] } };`,
    );
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    return new Promise((resolve) => {
      execFile(process.execPath, [vitest, "run", "--root", folder], { cwd: folder }, (error, stdout) => {
        const lines = stdout.trimEnd().split("\n");
        resolve({ last: lines.at(-1), code: error === null ? 0 : Number(error.code) });
      });
    });
  }

  test.each([
    [
      "passing and skipped tests",
      'test("a", () => {}); test.skip("b", () => {});',
      "1 passed, 0 failed, 1 skipped",
      0,
    ],
    ["a failing test", 'test("a", () => {}); test("b", () => expect(1).toBe(2));', "1 passed, 1 failed", 1],
    ["a file that does not load", 'throw new Error("broken");', "0 passed, 1 failed", 1],
    [
      "a rejection that nobody handles",
      'test("a", () => { Promise.reject(new Error("stray")); });',
      "1 passed, 1 failed",
      1,
    ],
  ])("counts %s, after everything that teardown prints", async (_, source, last, code) => {
    expect(await run(source)).toEqual({ last, code });
  });

  test("says that something failed when the tests could not start", async () => {
    expect(await run('test("a", () => {});', 'throw new Error("no service");')).toEqual({
      last: "0 passed, 1 failed",
      code: 1,
    });
  });
});
