import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { targetOf } from "../testing/architecture/layers.ts";
import { readModule } from "../testing/architecture/module-text.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Every module that is loaded at once with `path`, and every package that comes with it. */
function loadedWith(path: string, seen: Set<string>): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  const { imports } = readModule(path, readFileSync(join(ROOT, path), "utf8"));
  for (const { specifier, kind } of imports) {
    if (kind !== "value" && kind !== "re-export") continue;
    const target = targetOf(path, specifier);
    if (target === undefined) seen.add(specifier);
    else loadedWith(target, seen);
  }
  return seen;
}

test("`cre --version` and `--help` load the command table and nothing that works", () => {
  const loaded = [...loadedWith("src/cli/program.ts", new Set())];
  expect(loaded).toContain("src/cli/commands/run.ts");
  expect(loaded.filter((name) => /^src\/(app|adapters|runner)\//.test(name))).toEqual([]);
  expect(loaded.filter((name) => !name.startsWith("src/") && !name.startsWith("node:"))).toEqual([]);
  expect(loaded.filter((name) => name.startsWith("src/core/documents/"))).toEqual([]);
});
