import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Breakdown, describeStagingDelivery } from "../../../testing/suites/delivery-suite.ts";
import { bindEnvFile, watchedFiles } from "../../../testing/suites/env-file-bench.ts";

const run = promisify(execFile);

describeStagingDelivery("env-file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cre-env-file-"));
  const path = join(folder, "db.env");
  let broken: Breakdown | undefined;
  const files = watchedFiles(
    (_, name) => {
      const fails = broken === "refuses" ? ["create", "unlink"] : ["fsync", "unlink"];
      if (broken !== undefined && fails.includes(name)) {
        throw Object.assign(new Error("canary-disk"), { code: broken === "refuses" ? "ENOSPC" : "EIO" });
      }
    },
    () => undefined,
  );
  return {
    delivery: await bindEnvFile(path, folder, { files }),
    inUse: async () => {
      const script = `if [ -e "$1" ]; then . "$1"; printf %s "\${PGPASSWORD-}"; fi`;
      const { stdout } = await run("sh", ["-c", script, "sh", path], { env: { PATH: "/usr/bin:/bin" } });
      return stdout === "" ? undefined : stdout;
    },
    breakDown: async (how) => {
      broken = how;
    },
    close: async () => rm(folder, { recursive: true, force: true }),
  };
});
