import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import standaloneCode from "ajv/dist/standalone/index.js";
import { build, type Plugin } from "esbuild";
import { VALIDATION } from "../adapters/documents/validation-options.ts";
import { SCHEMAS } from "../core/documents/kinds.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * The text of a module that stands for `src/adapters/documents/validators.ts`: the same validators, compiled now, so that
 * no command compiles them when it starts. It needs nothing beside it.
 */
export async function compiledValidators(): Promise<string> {
  const ajv = new Ajv2020({ ...VALIDATION, code: { source: true, esm: true } });
  const kinds = Object.keys(SCHEMAS);
  for (const [kind, schema] of Object.entries(SCHEMAS)) ajv.addSchema(schema, kind);
  // A CommonJS module whose function Node finds below `default`.
  const code = standaloneCode.default(ajv, Object.fromEntries(kinds.map((kind) => [kind, kind])));
  const { outputFiles } = await build({
    stdin: {
      contents: `${code}\nexport const VALIDATORS = { ${kinds.join(", ")} };\n`,
      resolveDir: ROOT,
    },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node24",
    write: false,
    logLevel: "warning",
  });
  return outputFiles.map(({ text }) => text).join("");
}

/** Puts them into a bundle. */
export const COMPILED_VALIDATORS: Plugin = {
  name: "compiled validators",
  setup: (bundling) => {
    bundling.onLoad({ filter: /[\\/]adapters[\\/]documents[\\/]validators\.ts$/ }, async () => ({
      contents: await compiledValidators(),
      loader: "js",
    }));
  },
};
