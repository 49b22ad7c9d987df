import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Two folders below the package, as `src/cli` is, and nothing of git's sees it. */
const RESULTS = join(ROOT, "test-results");

/** How a command line ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly printed: string;
}

export interface CreStart {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Seconds that its clock is ahead. */
  readonly ahead: number;
}

/** The program of this checkout as one that can be started at any time of the story. */
export interface CreProgram {
  start(start: CreStart): { readonly child: ChildProcess; readonly ended: Promise<Ended> };
  dispose(): void;
}

/** Makes few files of the sources: to read several hundred modules takes longer than the command. */
export async function buildCre(): Promise<CreProgram> {
  mkdirSync(RESULTS, { recursive: true });
  const folder = mkdtempSync(join(RESULTS, "lifecycle-"));
  await build({
    absWorkingDir: ROOT,
    entryPoints: { cre: "src/testing/lifecycle/cre-at.ts" },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node24",
    logLevel: "warning",
  });
  return {
    start: ({ args, cwd, env, ahead }) => {
      const child = spawn(process.execPath, [join(folder, "cre.mjs"), String(ahead), ...args], {
        cwd,
        env: { ...env, NODE_COMPILE_CACHE: join(folder, "cache") },
        stdio: ["ignore", "pipe", "pipe"],
      });
      return { child, ended: endOf(child) };
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function endOf(child: ReturnType<typeof spawn>): Promise<Ended> {
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8");
    stream?.on("data", (text: string) => {
      printed += text;
    });
  }
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (code, signal) => done({ code, signal, printed }));
  });
}
