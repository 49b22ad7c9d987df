import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Compiles `src/` into an empty `dist/` and makes the binaries that package.json names executable. With `--unchecked`
 * type errors are nobody's business, for an install in the middle of a piece of work.
 */
function build(options: readonly string[]): number {
  const root = new URL("../../", import.meta.url);
  rmSync(new URL("dist/", root), { recursive: true, force: true });

  const tsc = fileURLToPath(new URL("node_modules/typescript/bin/tsc", root));
  const unchecked = options.includes("--unchecked") ? ["--noCheck"] : [];
  const compiled = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json", ...unchecked], {
    cwd: root,
    stdio: "inherit",
  });
  if (compiled.status !== 0) return compiled.status ?? 1;

  for (const binary of binaries(readFileSync(new URL("package.json", root), "utf8"))) {
    chmodSync(new URL(binary, root), 0o755);
  }
  return 0;
}

function binaries(packageJson: string): Set<string> {
  // `as`: our own package.json, whose shape npm checks.
  const { bin } = JSON.parse(packageJson) as { bin: Record<string, string> };
  return new Set(Object.values(bin));
}

process.exitCode = build(process.argv.slice(2));
