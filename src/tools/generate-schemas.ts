import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { jsonSchemas, schemaText } from "../core/documents/json-schemas.ts";

/** Where editors and other tools find the schemas. */
const FOLDER = fileURLToPath(new URL("../../registry/schema/", import.meta.url));

/** Files of `registry/schema/` that differ from what the code says, with the text that they should have. */
export function staleSchemas(folder: string): ReadonlyMap<string, string | undefined> {
  const wanted = new Map([...jsonSchemas()].map(([name, schema]) => [name, schemaText(schema)]));
  const there = namesIn(folder);
  const stale = new Map<string, string | undefined>();
  for (const [name, text] of wanted) {
    if (!there.includes(name) || readFileSync(join(folder, name), "utf8") !== text) stale.set(name, text);
  }
  for (const name of there) if (!wanted.has(name)) stale.set(name, undefined);
  return stale;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".schema.json"));
  } catch {
    return [];
  }
}

function writeSchemas(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of staleSchemas(folder)) {
    if (text === undefined) rmSync(join(folder, name));
    else writeFileSync(join(folder, name), text);
  }
}

if (import.meta.main) {
  if (process.argv.includes("--check")) {
    const stale = [...staleSchemas(FOLDER).keys()];
    if (stale.length > 0) {
      console.error(`These schemas are not what the code says: ${stale.join(", ")}. Run: npm run generate`);
      process.exitCode = 1;
    }
  } else {
    writeSchemas(FOLDER);
  }
}
