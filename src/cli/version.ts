import { readFileSync } from "node:fs";

/** Version of the installed package, from its package.json two folders up (from `src/cli` as from `dist/cli`). */
export function productVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  // package.json is our own file; only its version is looked at.
  const { version } = JSON.parse(text) as { version: string };
  return version;
}
