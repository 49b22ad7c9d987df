import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, type Plugin } from "esbuild";
import { NODE_BUNDLE } from "../../tools/node-bundle.ts";
import type { Breakage } from "./breakages.ts";
import type { Simulated } from "./simulate.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Bundles the simulation, of an engine with this deliberate mistake if there is one. Gives the file to run. */
export async function buildSimulation(folder: string, breakage?: Breakage): Promise<string> {
  await build({
    ...NODE_BUNDLE,
    absWorkingDir: ROOT,
    entryPoints: { simulation: "src/testing/simulation/main.ts" },
    outdir: folder,
    plugins: breakage === undefined ? [] : [mistake(breakage)],
  });
  return join(folder, "simulation.mjs");
}

/** Rejects the build when the source does not hold the mistake's place exactly once. */
function mistake({ name, file, find, replace }: Breakage): Plugin {
  const path = join(ROOT, file);
  return {
    name: "mistake",
    setup: (bundling) => {
      bundling.onLoad({ filter: /\.ts$/ }, async (loaded) => {
        if (loaded.path !== path) return undefined;
        const parts = (await readFile(path, "utf8")).split(find);
        if (parts.length !== 2) {
          throw new Error(`«${name}»: ${file} holds its place ${parts.length - 1} times, not once`);
        }
        return { contents: parts.join(replace), loader: "ts" };
      });
    },
  };
}

/** Runs a bundled simulation in a process of its own and reads the JSON that it prints. */
export async function simulatedBy(
  script: string,
  { sagas, seed }: { readonly sagas: number; readonly seed: number },
): Promise<Simulated> {
  const args = [script, "--json", "--sagas", String(sagas), "--seed", String(seed)];
  const child = promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 26 });
  const { stdout } = await child.catch((error: unknown) => {
    // A broken law ends with 1 and is told on standard output all the same.
    if (error instanceof Error && "stdout" in error && String(error.stdout) !== "") {
      return { stdout: String(error.stdout) };
    }
    throw error;
  });
  return JSON.parse(stdout) as Simulated; // printed by `main.ts --json`
}
