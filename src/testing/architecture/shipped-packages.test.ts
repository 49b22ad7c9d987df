import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { expect, test } from "vitest";
import { isTest } from "./layers.ts";
import { readModule } from "./module-text.ts";

const ROOT = new URL("../../../", import.meta.url);
/** Not shipped: what tests and builds with; and the dashboard's page, which is bundled. */
const ELSEWHERE = /^(testing|tools|adapters\/reporters\/html\/page)\//;

test("every package that the program loads is installed with it in production", () => {
  // `as`: our own package.json, whose shape npm checks.
  const { dependencies } = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const files = readdirSync(new URL("src", ROOT), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !isTest(path) && !ELSEWHERE.test(path))
    .map((path) => `src/${path}`);
  const missing = files.flatMap((path) =>
    readModule(path, readFileSync(new URL(path, ROOT), "utf8"))
      .imports.filter(({ kind, specifier }) => kind !== "type" && !specifier.startsWith("."))
      .map(({ specifier }) => packageOf(specifier))
      .filter((name) => !isBuiltin(name) && !Object.hasOwn(dependencies, name))
      .map((name) => `${path}: ${name}`),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(missing).toEqual([]);
});

function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
