import type { TSchema } from "typebox";
import { PUBLISHED } from "../evaluate/published-schemas.ts";
import { SCHEMAS } from "./kinds.ts";

/** A JSON Schema as it is published: plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/**
 * The published JSON Schemas by file name: `<kind>.schema.json` (lower case) for every kind of document, and one for
 * each JSON output that other tools rely on. Generated from what validates, so they cannot differ from it.
 */
export function jsonSchemas(): ReadonlyMap<string, JsonSchema> {
  const all: [string, TSchema][] = [...Object.entries(SCHEMAS), ...Object.entries(PUBLISHED)];
  return new Map(all.map(([name, schema]) => [`${name.toLowerCase()}.schema.json`, published(name, schema)]));
}

/** The bytes of a schema file. */
export function schemaText(schema: JsonSchema): string {
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

function published(name: string, schema: TSchema): JsonSchema {
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  // A schema of typebox is a JSON Schema with hidden marks, which the detour over text takes off.
  return { $schema: DIALECT, title, ...(JSON.parse(JSON.stringify(schema)) as JsonSchema) };
}
