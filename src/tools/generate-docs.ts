import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { commandSummary } from "../cli/command-summary.ts";
import { COMMANDS } from "../cli/command-table.ts";
import { commandReference } from "../cli/reference.ts";
import { actionMetadata, inputTable, outputTable } from "./action-reference.ts";
import { checkReference } from "./check-reference.ts";
import { messageReference } from "./message-reference.ts";
import { pageBundleModule } from "./page-bundle.ts";
import { providerReference } from "./provider-reference.ts";
import { settingsReference } from "./settings-reference.ts";
import { shippedFrameworksModule } from "./shipped-frameworks.ts";

const root = new URL("../../", import.meta.url);

/** The text with another one between the comments `<!-- name-start -->` and `<!-- name-end -->`. */
function withPart(text: string, name: string, part: string): string {
  return text.replace(
    new RegExp(`(?<=<!-- ${name}-start -->\\n).*(?=<!-- ${name}-end -->)`, "s"),
    () => part,
  );
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Pages that are made from the command table, the schemas and a sample message, whole or in a marked part, with the text they must have. */
async function pages(): Promise<ReadonlyMap<string, string>> {
  const readme = textOf(fileURLToPath(new URL("README.md", root))) ?? "";
  const action = textOf(fileURLToPath(new URL(".github/docs/action.md", root))) ?? "";
  const compliance = textOf(fileURLToPath(new URL(".github/docs/compliance.md", root))) ?? "";
  return new Map([
    [".github/docs/commands.md", commandReference(COMMANDS)],
    [".github/docs/compliance.md", withPart(compliance, "checks", checkReference())],
    [".github/docs/messages.md", messageReference()],
    [
      ".github/docs/providers.md",
      providerReference((name) => existsSync(new URL(`.github/docs/${name}.md`, root))),
    ],
    [".github/docs/settings.md", settingsReference()],
    ["README.md", withPart(readme, "commands", `${commandSummary(COMMANDS)}\n`)],
    ["src/adapters/documents/shipped-frameworks.ts", shippedFrameworksModule()],
    ["src/adapters/reporters/html/page-bundle.ts", await pageBundleModule()],
    ["action.yml", actionMetadata()],
    [".github/docs/action.md", withPart(withPart(action, "inputs", inputTable()), "outputs", outputTable())],
  ]);
}

if (import.meta.main) {
  for (const [page, wanted] of await pages()) {
    const path = fileURLToPath(new URL(page, root));
    if (!process.argv.includes("--check")) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, wanted);
    } else if (textOf(path) !== wanted) {
      console.error(`${page} is not what the code says. Run: npm run generate`);
      process.exitCode = 1;
    }
  }
}
