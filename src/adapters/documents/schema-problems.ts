import { type FieldPath, fieldName } from "../../core/documents/check/fault.ts";
import { keysOfUnion, patternWording } from "../../core/documents/check/schema-wording.ts";
import { shown } from "../../core/documents/check/shown.ts";
import { nearest } from "../../core/text/nearest.ts";
import type { SchemaError } from "./validators.ts";

/** What a schema says against a document, in words; without the document's place, which the reader knows. */
export interface SchemaFault {
  readonly path: FieldPath;
  readonly at: "key" | "value";
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

const IN_UNION = /\/oneOf\/\d+\//;
const LONGEST_KEY = 64;

/** The errors of one document, one per place, in the order of the schema. */
export function schemaFaults(
  errors: readonly SchemaError[],
  homes: ReadonlyMap<string, readonly string[]>,
): SchemaFault[] {
  const seen = new Set<string>();
  return errors.flatMap((error) => {
    if (IN_UNION.test(error.schemaPath) || error.keyword === "allOf") return [];
    const fault = faultOf(error, homes);
    const place = `${fault.at} ${fault.code === "field-missing" ? fault.message : fieldName(fault.path)}`;
    if (seen.has(place)) return [];
    seen.add(place);
    return [fault];
  });
}

function faultOf(error: SchemaError, homes: ReadonlyMap<string, readonly string[]>): SchemaFault {
  const path = pathOf(error.instancePath);
  const name = path.length === 0 ? "the document" : `\`${fieldName(path)}\``;
  switch (error.keyword) {
    case "additionalProperties":
      return unknownKey(error, path, homes);
    case "required":
      return missingField(error, path);
    case "oneOf":
      return wrongUnion(error, path, name);
    case "enum":
    case "const":
      return wrongChoice(error, path, name);
    case "type":
      return wrongType(error, path, name);
    case "pattern":
      return { path, at: "value", ...patternWording(name, error.parentSchema ?? {}, shown(error.data)) };
    default:
      return outOfBounds(error, path, name);
  }
}

/** A JSON pointer as keys and positions. */
function pathOf(pointer: string): FieldPath {
  if (pointer === "") return [];
  return pointer
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^(0|[1-9]\d*)$/.test(part) ? Number(part) : part));
}

function unknownKey(
  error: SchemaError,
  parent: FieldPath,
  homes: ReadonlyMap<string, readonly string[]>,
): SchemaFault {
  const key = String(error.params["additionalProperty"]);
  const common = { path: [...parent, key], at: "key" } as const;
  const properties = error.parentSchema?.["properties"];
  const where = parent.length === 0 ? "the document" : `\`${fieldName(parent)}\``;
  if (typeof properties !== "object" || properties === null) {
    const form =
      Object.keys((error.parentSchema?.["patternProperties"] as object | undefined) ?? {})[0] ?? "";
    return {
      ...common,
      code: "key-invalid",
      message: `the key ${shown(key)} in ${where} has a form that is not allowed`,
      fix: `use a key of the form ${form}`,
    };
  }
  const known = Object.keys(properties);
  const near = key.length > LONGEST_KEY ? undefined : nearest(key, known);
  const elsewhere = homes.get(key);
  let fix = `remove it, or use one of ${known.join(", ")}`;
  if (elsewhere !== undefined) {
    fix = `move it: it belongs into ${elsewhere
      .slice(0, 3)
      .map((home) => `\`${home}\``)
      .join(" or ")}`;
  }
  if (near !== undefined) fix = `did you mean \`${near}\`?`;
  return { ...common, code: "key-unknown", message: `unknown key ${shown(key)} in ${where}`, fix };
}

function missingField(error: SchemaError, parent: FieldPath): SchemaFault {
  const key = String(error.params["missingProperty"]);
  const properties = (error.parentSchema?.["properties"] ?? {}) as Record<
    string,
    { description?: string } | undefined
  >;
  const about = properties[key]?.description;
  return {
    path: parent,
    at: "key",
    code: "field-missing",
    message: `\`${fieldName([...parent, key])}\` is missing`,
    fix: `add \`${key}\`${about === undefined ? "" : `: ${about}`}`,
  };
}

function wrongUnion(error: SchemaError, path: FieldPath, name: string): SchemaFault {
  const keys = keysOfUnion(error.schema);
  const data = error.data;
  const given = keys.filter((key) => typeof data === "object" && data !== null && Object.hasOwn(data, key));
  const choice = keys.join(", ");
  const common = {
    path: given[1] === undefined ? path : [...path, given[1]],
    at: "key",
    code: "exactly-one",
  } as const;
  if (given.length === 0) {
    return {
      ...common,
      message: `${name} needs exactly one of ${choice}, and has none`,
      fix: `add one of ${choice}`,
    };
  }
  return {
    ...common,
    message: `${name} has ${given.join(" and ")}, of which only one may stand there`,
    fix: "keep one of them",
  };
}

function wrongChoice(error: SchemaError, path: FieldPath, name: string): SchemaFault {
  const allowed = error.keyword === "const" ? [error.schema] : (error.schema as readonly unknown[]);
  const words = allowed.map(String);
  const near =
    typeof error.data === "string" && error.data.length <= LONGEST_KEY
      ? nearest(error.data, words)
      : undefined;
  return {
    path,
    at: "value",
    code: "value-unknown",
    message: `${name} is ${shown(error.data)}, ${words.length === 1 ? "not" : "which is none of"} ${words.join(", ")}`,
    fix:
      near === undefined
        ? `use ${words.length === 1 ? words.join() : `one of ${words.join(", ")}`}`
        : `did you mean \`${near}\`?`,
  };
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
};

function wrongType(error: SchemaError, path: FieldPath, name: string): SchemaFault {
  const wanted = String(error.params["type"]);
  const data = error.data;
  const quote = wanted === "string" && (typeof data === "number" || typeof data === "boolean");
  const words = wanted.split(",").map((type) => TYPE_NAMES[type] ?? type);
  let fix = `write ${words.join(" or ")}`;
  if (quote) fix = "put it in quotes";
  if (wanted === "array" && (typeof data === "string" || typeof data === "object")) {
    fix = "write a list: `[ … ]` or lines that begin with `- `";
  }
  if (data === null) fix = `${fix}, or remove the key`;
  return {
    path,
    at: "value",
    code: "type-wrong",
    message: `${name} must be ${words.join(" or ")}, not ${typeName(data)}`,
    fix,
  };
}

function typeName(data: unknown): string {
  if (data === null) return "empty";
  if (Array.isArray(data)) return "a list";
  if (typeof data === "number") return Number.isInteger(data) ? "a whole number" : "a number";
  return TYPE_NAMES[typeof data] ?? typeof data;
}

function outOfBounds(error: SchemaError, path: FieldPath, name: string): SchemaFault {
  const limit = String(error.params["limit"]);
  const common = { path, at: "value" } as const;
  switch (error.keyword) {
    case "minItems":
      return {
        ...common,
        code: "list-empty",
        message: `${name} is an empty list`,
        fix: "name at least one, or remove the key",
      };
    case "maxItems":
      return {
        ...common,
        code: "too-many",
        message: `${name} has more than ${limit} entries`,
        fix: `keep at most ${limit}`,
      };
    case "minProperties":
      return {
        ...common,
        code: "map-empty",
        message: `${name} is an empty map`,
        fix: "add at least one entry, or remove the key",
      };
    case "maxProperties":
      return {
        ...common,
        code: "too-many",
        message: `${name} has more than ${limit} keys`,
        fix: `keep at most ${limit}`,
      };
    case "minLength":
      return {
        ...common,
        code: "text-too-short",
        message: limit === "1" ? `${name} is an empty text` : `${name} has fewer than ${limit} characters`,
        fix: limit === "1" ? "write something, or remove the key" : `write at least ${limit} characters`,
      };
    case "maxLength":
      return {
        ...common,
        code: "text-too-long",
        message: `${name} has more than ${limit} characters`,
        fix: "shorten it",
      };
    case "minimum":
      return {
        ...common,
        code: "number-out-of-range",
        message: `${name} is below ${limit}`,
        fix: `use at least ${limit}`,
      };
    case "maximum":
      return {
        ...common,
        code: "number-out-of-range",
        message: `${name} is above ${limit}`,
        fix: `use at most ${limit}`,
      };
    default:
      return {
        ...common,
        code: "value-invalid",
        message: `${name} is not valid (${error.keyword})`,
        fix: "see `cre schema`",
      };
  }
}
