import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Paths of the runners that tests start as processes of their own, by name. */
    readonly builtRunners: Readonly<Record<"runToKill" | "stress", string>>;
  }
}

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * Makes one file of each runner that tests start hundreds of times: to strip the types of several hundred modules takes
 * longer than the run. Packages stay what they are, in their own files. Gone after the tests.
 */
export async function setup(project: TestProject): Promise<() => void> {
  // Where the packages are found, and nothing of git's sees it.
  const cache = join(ROOT, "node_modules", ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "cre-runners-"));
  await build({
    absWorkingDir: ROOT,
    entryPoints: {
      runToKill: "src/testing/conformance/run-to-kill.ts",
      stress: "src/testing/stress/runner.ts",
    },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node24",
    logLevel: "warning",
  });
  project.provide("builtRunners", {
    runToKill: join(folder, "runToKill.mjs"),
    stress: join(folder, "stress.mjs"),
  });
  return () => rmSync(folder, { recursive: true, force: true });
}
