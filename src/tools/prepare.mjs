// npm runs this after every install of the checkout, on whatever Node the machine has: plain JavaScript on purpose.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { nodeForScripts, whatIsMissing, whyNpmIsTooOld } from "./toolchain.mjs";

const root = new URL("../../", import.meta.url);

if (existsSync(new URL("node_modules/typescript/package.json", root))) {
  const node = nodeForScripts(root);
  const problem = whyNpmIsTooOld() ?? (node === undefined ? whatIsMissing() : undefined);
  if (problem !== undefined) {
    process.stderr.write(problem);
    process.exitCode = 1;
  } else {
    // A type error in a work in progress must not break the install: `npm run typecheck` finds it.
    const build = fileURLToPath(new URL("build.ts", import.meta.url));
    const built = spawnSync(node, [build, "--unchecked"], { cwd: root, stdio: "inherit" });
    process.exitCode = built.status ?? 1;
  }
} else {
  process.stderr.write("Not built: the development dependencies are not installed. `npm ci` brings them.\n");
}
