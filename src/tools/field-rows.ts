import {
  DATE_PATTERN,
  DURATION_PATTERN,
  GUID_PATTERN,
  NAME_FORM,
  NAME_PATTERN,
} from "../core/documents/common.ts";

/** What this page reads of a JSON Schema. */
export interface FieldSchema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: FieldSchema;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly patternProperties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly { readonly required?: readonly string[] }[];
}

/** One field of a block: its path in it, what goes there, whether it must be there, what it means. */
export type FieldRow = readonly [path: string, type: string, required: string, meaning: string];

const PATTERNS: Readonly<Record<string, string>> = {
  [NAME_PATTERN]: "name",
  [DURATION_PATTERN]: "duration",
  [DATE_PATTERN]: "date",
  [GUID_PATTERN]: "GUID",
};
/** What ends every description of a duration or a date, which the type says already. */
const SAID_BY_TYPE = / (An integer and one of `s m h d w`|`YYYY-MM-DD` or RFC 3339 with `Z`)\.$/;
/** Where a secret of the runner's comes from is told once for all connections. */
const SECRET_KEYS = ["env", "file"];

/** Every field below a block in the schema's order, with dots between the keys; `keys[]` for those of a list's items, `keys.NAME` of a map's. */
export function fieldRows(
  { properties = {}, required = [], oneOf = [] }: FieldSchema,
  base = "",
): readonly FieldRow[] {
  const alternatives = new Set(oneOf.flatMap(({ required: keys = [] }) => keys));
  const rows: FieldRow[] = [];
  for (const [key, schema] of Object.entries(properties)) {
    const path = `${base}${key}`;
    const need = required.includes(key) ? "yes" : alternatives.has(key) ? "one of these" : "";
    rows.push([path, typeText(schema), need, meaningOf(key, schema)]);
    if (isSecret(schema)) continue;
    const ofMap = Object.values(schema.patternProperties ?? {});
    rows.push(
      ...fieldRows(schema, `${path}.`),
      ...fieldRows(schema.items ?? {}, `${path}[].`),
      ...ofMap.flatMap((value) => fieldRows(value, `${path}.NAME.`)),
    );
  }
  return rows;
}

/** The reference to a secret of the runner's, as every connection has it. */
function isSecret({ properties = {} }: FieldSchema): boolean {
  return SECRET_KEYS.every((key) => Object.hasOwn(properties, key));
}

function typeText(schema: FieldSchema): string {
  const { type, pattern, items, patternProperties, minItems = 0, maxItems } = schema;
  if (isSecret(schema)) return "[secret](#secrets)";
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(" ");
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (patternProperties !== undefined) {
    const [value = {}] = Object.values(patternProperties);
    return `map of ${typeText(value)}`;
  }
  if (type === "array") {
    const most = maxItems === undefined || maxItems >= 1000 ? "" : ` to ${maxItems}`;
    return `list of ${minItems}${most === "" ? " or more" : most}: ${typeText(items ?? {})}`;
  }
  if (type === "integer") return `number ${schema.minimum ?? ""} to ${schema.maximum ?? ""}`;
  if (type === "object") return "block";
  if (type === "boolean") return "`true` `false`";
  return (pattern === undefined ? undefined : PATTERNS[pattern]) ?? "text";
}

function meaningOf(key: string, schema: FieldSchema): string {
  const { items } = schema;
  const own = wordsOf(schema);
  if (own === "" && key === "connection") return "Name of a Connection.";
  const each = items?.type === "string" && items.enum === undefined ? wordsOf(items) : "";
  return [own, each === own ? "" : each].filter((text) => text !== "").join(" Each: ");
}

/** The form of a name is told once for all of them. */
function wordsOf({ description = "" }: FieldSchema): string {
  return description === NAME_FORM ? "" : description.replace(SAID_BY_TYPE, "");
}
