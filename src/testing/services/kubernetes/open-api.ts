import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";

interface Operation {
  readonly query: readonly string[];
  readonly content: readonly string[];
}

interface OpenApi {
  readonly version: string;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly definitions: Readonly<Record<string, object>>;
}

/** What Kubernetes' own OpenAPI says about the requests and objects that tests use. */
export interface KubernetesOpenApi {
  readonly version: string;
  /** What is wrong with the request line or its content type, or undefined. */
  requestFault(
    method: string,
    template: string,
    query: URLSearchParams,
    contentType: string,
  ): string | undefined;
  /** What is wrong with an object of this definition, or undefined. Unknown fields are wrong, as with strict validation. */
  objectFault(definition: string, object: unknown): string | undefined;
}

export function readOpenApi(): KubernetesOpenApi {
  const text = readFileSync(new URL("kubernetes-openapi.json", import.meta.url), "utf8");
  // `as`: a file of this folder.
  const { version, operations, definitions } = closed(JSON.parse(text)) as OpenApi;
  const ajv = new Ajv({
    strict: false,
    formats: {
      byte: /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
      "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/,
      int32: true,
      int64: true,
      "int-or-string": true,
    },
  });
  ajv.addSchema({ $id: "kubernetes", definitions });
  const validators = new Map<string, ValidateFunction>();
  return {
    version,
    requestFault: (method, template, query, contentType) => {
      const operation = operations[`${method} ${template}`];
      if (operation === undefined) return `the API has no ${method} ${template}`;
      const unknown = [...query.keys()].find((name) => !operation.query.includes(name));
      if (unknown !== undefined) return `${method} ${template} has no parameter ${unknown}`;
      const takes = operation.content;
      const isTaken =
        takes.length === 0 ? contentType === "" : takes.includes("*/*") || takes.includes(contentType);
      return isTaken ? undefined : `${method} ${template} takes no ${contentType}`;
    },
    objectFault: (definition, object) => {
      const known = validators.get(definition);
      const validate = known ?? ajv.compile({ $ref: `kubernetes#/definitions/${definition}` });
      validators.set(definition, validate);
      if (validate(object)) return undefined;
      return ajv.errorsText(validate.errors, { dataVar: definition });
    },
  };
}

/** Objects with known properties take no others: the document says so only in words. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const inner = Object.fromEntries(Object.entries(value).map(([key, child]) => [key, closed(child)]));
  const isShape = inner["type"] === "object" && "properties" in inner && !("additionalProperties" in inner);
  return isShape ? { ...inner, additionalProperties: false } : inner;
}
