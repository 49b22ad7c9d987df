import { jsonSchemas } from "../core/documents/json-schemas.ts";
import { type FieldSchema, fieldRows } from "./field-rows.ts";
import { fieldTable, propertyOf } from "./provider-reference.ts";

/** The page that has a description of a setting. */
const PAGES: Readonly<Record<string, readonly string[]>> = {
  state: ["running"],
  schedule: ["alerts"],
  teams: ["alerts", "issues"],
  channels: ["alerts"],
  routes: ["alerts"],
  forge: ["github"],
  issues: ["issues"],
  changes: ["governance"],
  commands: ["command"],
  heartbeat: ["alerts"],
};

/** The reference page of the settings, made from the schema that validates them. */
export function settingsReference(): string {
  // `as`: the schemas of documents are objects with a `spec`.
  const spec = propertyOf(jsonSchemas().get("settings.schema.json") as FieldSchema, "spec");
  const { properties = {} } = spec;
  return `${[
    "# Settings",
    "Made from the schema by `npm run generate`; editors complete and check the same. One document of the kind Settings in `policies/`, owned by the security team; all of it is optional. A field `a.b` is `b` in the block `a`, `a[].b` is `b` in each entry of the list `a`, `a.NAME.b` in each entry of the map `a`. *One of these*: exactly one of the fields that say so must be there.",
    ...Object.keys(properties).map((key) => section(key, spec)),
  ].join("\n\n")}\n`;
}

function section(key: string, spec: FieldSchema): string {
  const rows = fieldRows({ properties: { [key]: propertyOf(spec, key) } });
  const pages = (PAGES[key] ?? []).map((page) => `[${page}.md](${page}.md)`);
  return [
    `## ${key}`,
    ...(pages.length === 0 ? [] : [`What it does: ${pages.join(", ")}.`]),
    fieldTable(rows).replaceAll("](#secrets)", "](providers.md#secrets)"),
  ].join("\n\n");
}
