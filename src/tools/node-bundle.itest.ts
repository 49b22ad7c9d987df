import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NODE_BUNDLE } from "./node-bundle.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const LOADED = /(?:const \{([^}]+)\} = )?(?:await )?import\("((?!node:)[^."][^"]*)"\)(\)\.default)?/g;

/** What the product takes of each package that it loads when it is first needed; none: it takes the package as a whole. */
function taken(): ReadonlyMap<string, ReadonlySet<string>> {
  const files = globSync("src/{core,runner,adapters,app,cli,action}/**/*.ts", { cwd: ROOT });
  const found = new Map<string, Set<string>>();
  for (const file of files.filter((path) => !path.endsWith("test.ts"))) {
    const text = readFileSync(join(ROOT, file), "utf8");
    for (const [, names = "", name = "", isDefault] of text.matchAll(LOADED)) {
      const all = found.get(name) ?? new Set();
      for (const part of names.split(",")) if (part.trim() !== "") all.add(part.split(":")[0]?.trim() ?? "");
      if (isDefault !== undefined) all.add("default");
      found.set(name, all);
    }
  }
  return found;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cre-bundle-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a bundle gives of every package that is loaded when it is first needed what is taken of it", async () => {
  const wanted = [...taken()];
  expect(wanted.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      "@aws-sdk/client-iam",
      "@aws-sdk/credential-providers",
      "@peculiar/x509",
      "pg",
      "ssh2",
    ]),
  );
  const loads = wanted.map(
    ([name]) => `seen[${JSON.stringify(name)}] = Object.keys(await import(${JSON.stringify(name)}));`,
  );
  await build({
    ...NODE_BUNDLE,
    stdin: {
      contents: `const seen = {};\n${loads.join("\n")}\nconsole.log(JSON.stringify(seen));`,
      resolveDir: ROOT,
      sourcefile: "loads.mjs",
    },
    entryNames: "loads",
    outdir: folder,
  });
  const printed = execFileSync(process.execPath, [join(folder, "loads.mjs")], { encoding: "utf8" });
  // `as`: printed by the lines above.
  const seen = JSON.parse(printed) as Readonly<Record<string, readonly string[]>>;
  // One is taken by its default, the other for what it does.
  const nameless = new Set(["bidi-js", "reflect-metadata"]);
  const lacking = wanted.flatMap(([name, names]) => {
    const has = seen[name] ?? [];
    if (names.size > 0) return [...names].filter((one) => !has.includes(one)).map((one) => `${name}: ${one}`);
    return has.some((one) => one !== "default") || nameless.has(name) ? [] : [`${name}: no names`];
  });
  expect(lacking).toEqual([]);
});
