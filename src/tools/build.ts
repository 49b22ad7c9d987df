import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compiledValidators } from "./compiled-validators.ts";
import { reportFonts } from "./report-fonts.ts";

/**
 * Compiles `src/` into an empty `dist/` with the fonts of reports and the validators of documents, and makes the binaries
 * that package.json names executable. With `--unchecked` type errors are nobody's business, for an install in the middle
 * of a piece of work.
 */
async function build(options: readonly string[]): Promise<number> {
  const root = new URL("../../", import.meta.url);
  rmSync(new URL("dist/", root), { recursive: true, force: true });

  const tsc = fileURLToPath(new URL("node_modules/typescript/bin/tsc", root));
  const unchecked = options.includes("--unchecked") ? ["--noCheck"] : [];
  const compiled = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json", ...unchecked], {
    cwd: root,
    stdio: "inherit",
  });

  // The compiler writes its output also where it finds errors.
  for (const binary of binaries(readFileSync(new URL("package.json", root), "utf8"))) {
    const file = new URL(binary, root);
    if (existsSync(file)) chmodSync(file, 0o755);
  }
  for (const [path, bytes] of reportFonts()) {
    const file = new URL(`dist/fonts/${path}`, root);
    mkdirSync(new URL(".", file), { recursive: true });
    writeFileSync(file, bytes);
  }
  writeFileSync(new URL("dist/adapters/documents/validators.js", root), await compiledValidators());
  return compiled.status ?? 1;
}

function binaries(packageJson: string): Set<string> {
  // `as`: our own package.json, whose shape npm checks.
  const { bin } = JSON.parse(packageJson) as { bin: Record<string, string> };
  return new Set(Object.values(bin));
}

process.exitCode = await build(process.argv.slice(2));
