// First part of the npm scripts that need the repository's Node: says what is missing instead of failing obscurely.
import { existsSync } from "node:fs";
import { isNewEnough, whatIsMissing } from "./toolchain.mjs";

const root = new URL("../../", import.meta.url);

if (!existsSync(new URL("node_modules/", root))) {
  process.stderr.write("Nothing is installed yet.\nFix: `npm ci`.\n");
  process.exitCode = 1;
} else if (!isNewEnough()) {
  process.stderr.write(whatIsMissing());
  process.exitCode = 1;
}
