import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const FOLDER = new URL("../adapters/reporters/html/page/", import.meta.url);

/**
 * The module that carries the script and the style of the dashboard, made from `src/adapters/reporters/html/page/`. In
 * it they go wherever the program goes, the bundle of the action included, and are the same bytes on every machine.
 */
export async function pageBundleModule(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(new URL("../../", import.meta.url)),
    entryPoints: [fileURLToPath(new URL("main.ts", FOLDER))],
    write: false,
    bundle: true,
    minify: true,
    charset: "utf8",
    legalComments: "none",
    platform: "browser",
    format: "iife",
    target: ["chrome123", "firefox128", "safari17.5"],
    logLevel: "warning",
  });
  const [script] = outputFiles;
  const style = await transform(readFileSync(new URL("style.css", FOLDER), "utf8"), {
    loader: "css",
    minify: true,
    charset: "utf8",
    target: ["chrome123", "firefox128", "safari17.5"],
  });
  return `// Made from src/adapters/reporters/html/page/ by \`npm run generate\`.

/** The script of the dashboard. */
export const PAGE_SCRIPT = ${literal(script?.text ?? "")};

/** Its style. */
export const PAGE_STYLE = ${literal(style.code)};
`;
}

/** As it stands in a page: no line around it, and nothing in it ends the element that it is in. */
function literal(text: string): string {
  if (/<\/(script|style)|<!--/i.test(text)) throw new Error("it would end its own element");
  return `\`${text.trim().replaceAll(/[\\`]|\$\{/g, "\\$&")}\``;
}
