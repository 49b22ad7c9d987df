import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { COMMANDS } from "../cli/command-table.ts";
import { commandReference } from "../cli/reference.ts";

const PAGE = fileURLToPath(new URL("../../.github/docs/commands.md", import.meta.url));

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const wanted = commandReference(COMMANDS);
  if (!process.argv.includes("--check")) {
    mkdirSync(dirname(PAGE), { recursive: true });
    writeFileSync(PAGE, wanted);
  } else if (textOf(PAGE) !== wanted) {
    console.error(".github/docs/commands.md is not what the command table says. Run: npm run generate");
    process.exitCode = 1;
  }
}
