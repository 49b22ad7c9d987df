import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";

/** One operation of GitHub's description that a request is for. */
export interface Operation {
  /** As the description writes it: `PUT /repos/{owner}/{repo}/actions/secrets/{secret_name}`. */
  readonly route: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** GitHub's own description of its API: which operation a request is for, and what is wrong with it or its answer. */
export interface Description {
  find(method: string, path: string): Operation | undefined;
  wrongWithRequest(operation: Operation, query: URLSearchParams, body: unknown): string | undefined;
  wrongWithAnswer(operation: Operation, status: number, body: unknown): string | undefined;
  /** A repository as GitHub shows it. */
  readonly repository: Readonly<Record<string, unknown>>;
}

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
  readonly schema: { readonly type?: string };
}

interface Described {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: {
      readonly "application/json": {
        readonly schema: { readonly properties?: Readonly<Record<string, unknown>> };
      };
    };
  };
  readonly responses: Readonly<Record<string, { readonly $ref?: string; readonly content?: unknown }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: {
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly responses: Readonly<Record<string, { readonly content?: unknown }>>;
  };
  readonly "x-repository": Readonly<Record<string, unknown>>;
}

const FILE = new URL("openapi.json", import.meta.url);
const JSON_BODY = "content/application~1json/schema";

/** Reads the slice of the description that lies beside this file. */
export function readDescription(): Description {
  const document: Document = JSON.parse(readFileSync(FILE, "utf8"), repaired);
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: "github", ...document });
  const compiled = new Map<string, ValidateFunction>();
  const check = (pointer: string, body: unknown): string | undefined => {
    let validate = compiled.get(pointer);
    if (validate === undefined) {
      validate = ajv.compile({ $ref: `github#${pointer}` });
      compiled.set(pointer, validate);
    }
    return validate(body) ? undefined : ajv.errorsText(validate.errors);
  };
  const described = (route: string): { operation: Described; pointer: string } => {
    const [method = "", path = ""] = route.split(" ");
    const operation = document.paths[path]?.[method.toLowerCase()];
    if (operation === undefined) throw new Error(`${route} is not described`);
    return { operation, pointer: `/paths/${escaped(path)}/${method.toLowerCase()}` };
  };
  const routes = routesOf(document);
  // The example is older than the description of a fork.
  const { source: _source, parent: _parent, ...repository } = document["x-repository"];
  return {
    repository: { ...repository, language: "TypeScript" },
    find(method, path) {
      for (const { route, pattern } of routes) {
        const match = route.startsWith(`${method} `) ? pattern.exec(path) : null;
        if (match === null) continue;
        const decoded = Object.entries(match.groups ?? {}).map(([name, text]) => {
          return [name, decodeURIComponent(text)] as const;
        });
        return { route, parameters: Object.fromEntries(decoded) };
      }
    },
    wrongWithRequest({ route }, query, body) {
      const { operation, pointer } = described(route);
      const known = (operation.parameters ?? [])
        .map((parameter) => resolved(document, parameter))
        .filter((parameter) => parameter.in === "query");
      const stray = [...query.keys()].find((name) => !known.some((parameter) => parameter.name === name));
      if (stray !== undefined) return `the query has ${stray}`;
      if (operation.requestBody === undefined) return body === undefined ? undefined : "there is a body";
      const { properties } = operation.requestBody.content["application/json"].schema;
      const unknown =
        properties === undefined ? undefined : Object.keys(body ?? {}).find((name) => !(name in properties));
      return unknown === undefined
        ? check(`${pointer}/requestBody/${JSON_BODY}`, body)
        : `the body has ${unknown}`;
    },
    wrongWithAnswer({ route }, status, body) {
      const { operation, pointer } = described(route);
      const response = operation.responses[status];
      // Errors that the description leaves out have the form of all others.
      if (response === undefined) {
        return status < 400 ? `${status} is not described` : check("/components/schemas/basic-error", body);
      }
      const name = response.$ref?.split("/").at(-1);
      const content = name === undefined ? response.content : document.components.responses[name]?.content;
      if (content === undefined) return body === undefined ? undefined : "there is a body";
      const at = name === undefined ? `${pointer}/responses/${status}` : `/components/responses/${name}`;
      return check(`${at}/${JSON_BODY}`, body);
    },
  };
}

function resolved({ components }: Document, parameter: Parameter): Parameter {
  const name = parameter.$ref?.split("/").at(-1);
  return name === undefined ? parameter : (components.parameters[name] ?? parameter);
}

/** Paths with fewer parameters come first: `secrets/public-key` is no secret of that name. */
function routesOf({ paths }: Document): readonly { readonly route: string; readonly pattern: RegExp }[] {
  return Object.entries(paths)
    .flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => ({
        route: `${method.toUpperCase()} ${path}`,
        pattern: new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`),
      })),
    )
    .toSorted((a, b) => a.route.split("{").length - b.route.split("{").length);
}

/** Ajv takes `nullable` only beside a `type`, and null in an `enum` only where it is listed. */
function repaired(_: string, value: unknown): unknown {
  if (typeof value === "object" && value !== null && "nullable" in value && "enum" in value) {
    return Object.assign({}, value, { enum: Array.isArray(value.enum) ? [...value.enum, null] : value.enum });
  }
  if (typeof value !== "object" || value === null || !("nullable" in value) || "type" in value) return value;
  const { nullable: _nullable, ...rest } = value;
  return { anyOf: [rest, { type: "null" }] };
}

/** A step of a JSON pointer in the fragment of a URI. */
function escaped(path: string): string {
  return encodeURIComponent(path.replaceAll("~", "~0").replaceAll("/", "~1"));
}
