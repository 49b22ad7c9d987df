import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { jsonSchemas, schemaText } from "../../core/documents/json-schemas.ts";
import { CreError } from "../../core/model/errors.ts";

/** All published JSON Schemas by file name. */
export function schemaObject(): Readonly<Record<string, unknown>> {
  return Object.fromEntries(jsonSchemas());
}

/** Writes each published schema to its file; files that are there are replaced. Throws a CreError. */
export function writeSchemas(
  cwd: string,
  out: string,
): { readonly folder: string; readonly files: readonly string[] } {
  const folder = resolve(cwd, out);
  const schemas = jsonSchemas();
  try {
    mkdirSync(folder, { recursive: true });
    for (const [name, schema] of schemas) writeFileSync(join(folder, name), schemaText(schema));
  } catch (error) {
    throw new CreError("schemas-not-written", `The schemas could not be written to ${folder}.`, {
      evidence: error instanceof Error ? error.message : String(error),
      fix: "Give --out a folder that you may write to.",
      cause: error,
    });
  }
  return { folder, files: [...schemas.keys()] };
}
