import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Simulated } from "./simulate.ts";

/** Runs a script of this folder in a process of its own and reads the JSON that it prints. */
export async function simulatedBy(script: string, ...args: readonly string[]): Promise<Simulated> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = promisify(execFile)(process.execPath, [path, ...args], { maxBuffer: 1 << 26 });
  const { stdout } = await child.catch((error: unknown) => {
    // A broken law ends with 1 and is told on standard output all the same.
    if (error instanceof Error && "stdout" in error && String(error.stdout) !== "") {
      return { stdout: String(error.stdout) };
    }
    throw error;
  });
  return JSON.parse(stdout) as Simulated; // printed by the two scripts of this folder
}
