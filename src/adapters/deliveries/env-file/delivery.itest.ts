import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import type { DeliveryPorts } from "../../../core/ports/delivery.ts";
import { type Breakdown, describeStagingDelivery } from "../../../testing/suites/delivery-suite.ts";
import { createEnvFileDelivery } from "./delivery.ts";
import { type FileSystem, systemFiles } from "./file-system.ts";

const run = promisify(execFile);

describeStagingDelivery("env-file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cre-env-file-"));
  const path = join(folder, "db.env");
  let broken: Breakdown | undefined;
  const files: FileSystem = {
    ...systemFiles,
    create: async (name) => {
      if (broken !== undefined) throw Object.assign(new Error("canary-full"), { code: "ENOSPC" });
      return systemFiles.create(name);
    },
    unlink: async (name) => {
      if (broken !== undefined) throw Object.assign(new Error("canary-denied"), { code: "EACCES" });
      return systemFiles.unlink(name);
    },
  };
  const delivery = await createEnvFileDelivery(files).bind(
    "orders-db",
    {} as CredentialSpec,
    {
      "env-file": { path, values: { PGUSER: "{username}", PGPASSWORD: "{password}" } },
      consumer: "orders-api",
    },
    { paths: [folder] } as unknown as DeliveryPorts,
  );
  return {
    delivery,
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
