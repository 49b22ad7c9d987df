import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Git } from "./git.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cre-git-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a command that prints nothing ends when git ends, without a pause of the library's own", async () => {
  const git = new Git(folder, process.env);
  await git.text(["init", "--quiet"]);
  const took: number[] = [];
  for (let n = 0; n < 10; n += 1) {
    const began = performance.now();
    const { code, stdout } = await git.run(["config", "user.name", `Alice ${n}`]);
    took.push(performance.now() - began);
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: "" });
  }
  // The quickest, because the machine may be busy; the pause was 50 ms on every one.
  expect(Math.min(...took)).toBeLessThan(45);
});
