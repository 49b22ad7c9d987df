import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** A file that breaks one rule of its folder, and the rule. */
const BREAKS: readonly (readonly [path: string, source: string, rule: string])[] = [
  ["src/core/a.ts", 'import "node:fs";', "no-restricted-imports"],
  ["src/core/plan/b.ts", 'import "../../adapters/store/git.ts";', "no-restricted-imports"],
  ["src/core/c.ts", "export const c = Date.now();", "no-restricted-properties"],
  ["src/core/d.ts", "export const d = process.pid;", "no-restricted-globals"],
  ["src/core/e.ts", 'import "../testing/services/ladder.ts";', "no-restricted-imports"],
  ["src/runner/a.ts", 'import "node:path";', "no-restricted-imports"],
  ["src/runner/b.ts", 'import "../app/catalogue.ts";', "no-restricted-imports"],
  ["src/runner/c.ts", "export const c = Math.random();", "no-restricted-properties"],
  ["src/adapters/rotators/one/a.ts", 'import "../two/a.ts";', "no-restricted-imports"],
  ["src/adapters/rotators/one/b.ts", 'import "../../store/git.ts";', "no-restricted-imports"],
  ["src/adapters/store/a.ts", 'import "../runtime/clock.ts";', "no-restricted-imports"],
  ["src/adapters/store/b.ts", 'import "../../runner/act.ts";', "no-restricted-imports"],
  ["src/adapters/clients/one/a.ts", 'import "../../store/git.ts";', "no-restricted-imports"],
  ["src/app/a.ts", 'import "../cli/table.ts";', "no-restricted-imports"],
  ["src/cli/a.ts", 'import "../adapters/store/git.ts";', "no-restricted-imports"],
  ["src/cli/b.ts", 'console.log("b");', "no-console"],
  ["src/action/a.ts", 'import "../adapters/store/git.ts";', "no-restricted-imports"],
  ["src/action/b.ts", 'import "../cli/table.ts";', "no-restricted-imports"],
  ["src/cli/c.ts", 'import "../action/program.ts";', "no-restricted-imports"],
  ["src/tools/a.ts", 'import "../testing/services/ladder.ts";', "no-restricted-imports"],
];

/** Files that look like a breach and are none. */
const HOLDS: readonly (readonly [path: string, source: string])[] = [
  ["src/core/holds/a.test.ts", 'import "node:fs";'],
  ["src/adapters/rotators/one/d.ts", 'import "../../../core/model/secret.ts";'],
  // That it is not loaded at once, only the architecture test can tell: the linter sees no difference.
  ["src/adapters/rotators/one/e.ts", 'export const load = async () => import("pg");'],
  ["src/adapters/rotators/one/f.ts", 'import "../../clients/http/exchange.ts";'],
  ["src/adapters/store/d.ts", 'import "../clients/http/exchange.ts";'],
  ["src/adapters/clients/one/b.ts", 'import "../http/exchange.ts";'],
  ["src/adapters/clients/one/c.ts", 'import "../../../core/model/secret.ts";'],
  ["src/adapters/store/c.ts", 'import "../../core/model/secret.ts";'],
  ["src/testing/a.ts", 'import "../adapters/store/git.ts";'],
];

let found: ReadonlySet<string>;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cre-lint-"));
  await copyFile(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
  for (const [path, source] of [...BREAKS, ...HOLDS]) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `${source}\n`);
  }
  const oxlint = join(root, "node_modules", "oxlint", "bin", "oxlint");
  const printed = await new Promise<string>((resolve) => {
    execFile(process.execPath, [oxlint, "--format=unix"], { cwd: folder }, (_, stdout) => resolve(stdout));
  });
  found = new Set(
    Array.from(printed.matchAll(/^(\S+?):.*\(([\w-]+)\)\]$/gm), ([, path, rule]) => `${path} ${rule}`),
  );
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

test.each(BREAKS)("lint refuses %s: %s", (path, _, rule) => {
  expect([...found]).toContain(`${path} ${rule}`);
});

test.each(HOLDS)("lint accepts %s: %s", (path) => {
  const borders = ["no-restricted-imports", "no-restricted-globals", "no-restricted-properties"];
  expect(borders.filter((rule) => found.has(`${path} ${rule}`))).toEqual([]);
});
