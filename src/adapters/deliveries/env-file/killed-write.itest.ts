import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bindEnvFile } from "../../../testing/suites/env-file-bench.ts";
import { consignmentOf, partsOf } from "../../../testing/suites/sample-consignment.ts";

const VICTIM = new URL("../../../testing/suites/env-file-victim.ts", import.meta.url).pathname;
const { signal } = new AbortController();

/** The signal that ended the victim, or undefined when it got to its end. */
async function promoteUntil(operation: number, path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [VICTIM, path, String(operation)], (error, _, stderr) => {
      if (error === null) resolve(undefined);
      else if (error.signal) resolve(error.signal);
      else reject(new Error(stderr));
    });
  });
}

test("a process that is really killed after any operation of a promote leaves the old file or the new one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cre-env-kill-"));
  const path = join(folder, "db.env");
  const seen = new Set<string>();
  try {
    for (let operation = 1, ended: string | undefined = "SIGKILL"; ended === "SIGKILL"; operation += 1) {
      for (const name of await readdir(folder)) await rm(join(folder, name));
      await writeFile(path, "A=1\n");
      const target = await bindEnvFile(path, folder);
      await target.stage(consignmentOf("a1"), partsOf("a1"), signal);
      await target.promote(consignmentOf("a1"), signal);
      const before = await readFile(path, "utf8");
      await target.stage(consignmentOf("a2"), partsOf("a2"), signal);

      ended = await promoteUntil(operation, path);
      const left = await readFile(path, "utf8");
      seen.add(left === before ? "old" : "new");
      expect([before, before.replaceAll("a1", "a2")]).toContain(left);

      await target.promote(consignmentOf("a2"), signal);
      expect(await readFile(path, "utf8")).toBe(before.replaceAll("a1", "a2"));
      expect(await readdir(folder)).toEqual(["db.env"]);
    }
    expect([...seen]).toEqual(["old", "new"]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
