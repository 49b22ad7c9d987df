import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { TestProject } from "vitest/node";
import { NODE_BUNDLE } from "../../tools/node-bundle.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Paths of the runners that tests start as processes of their own, and variables that make them start sooner. */
    readonly builtRunners: Readonly<Record<"runToKill" | "stress", string>> & {
      readonly env: Readonly<Record<"NODE_COMPILE_CACHE", string>>;
    };
  }
}

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * Bundles each runner that tests start hundreds of times, with its packages, as the action is bundled: to strip the types
 * of several hundred modules, or to find a hundred files of packages, takes longer than the run. Gone after the tests.
 */
export async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "cre-runners-"));
  await build({
    ...NODE_BUNDLE,
    absWorkingDir: ROOT,
    entryPoints: {
      runToKill: "src/testing/conformance/run-to-kill.ts",
      stress: "src/testing/stress/runner.ts",
    },
    outdir: folder,
  });
  project.provide("builtRunners", {
    runToKill: join(folder, "runToKill.mjs"),
    stress: join(folder, "stress.mjs"),
    env: { NODE_COMPILE_CACHE: join(folder, "compiled") },
  });
  return () => rmSync(folder, { recursive: true, force: true });
}
