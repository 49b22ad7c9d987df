import { readFileSync } from "node:fs";

interface Property {
  readonly type: string;
  readonly nullable: boolean;
}

type Properties = Readonly<Record<string, Property>>;

interface Action {
  readonly boundTo: string;
  readonly parameters: Properties;
  readonly returns?: Property;
}

interface Version {
  readonly types: Readonly<Record<string, Properties>>;
  readonly actions: Readonly<Record<string, Action>>;
  /** Type of the entities by path. */
  readonly collections: Readonly<Record<string, string>>;
}

/** One operation of Graph's description that a request is for. */
export interface GraphOperation {
  /** `GET application`, `POST application/addPassword`, `GET reports/appCredentialSignInActivities`. */
  readonly route: string;
  /** The application's id where the path has one. */
  readonly appId: string | undefined;
  readonly version: Version;
  readonly type: string;
  readonly action: Action | undefined;
}

const FILE = new URL("graph-metadata.json", import.meta.url);
const ENTITY = /^\/(v1\.0|beta)\/(\w+)\(appId='([0-9A-Fa-f-]{36})'\)(?:\/(\w+))?$/;
const COLLECTION = /^\/(v1\.0|beta)\/([\w/]+)$/;

const PRIMITIVES: Readonly<Record<string, RegExp>> = {
  "Edm.String": /^[^]*$/,
  "Edm.Guid": /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  "Edm.DateTimeOffset": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)$/,
  "Edm.Binary": /^[A-Za-z0-9+/_=-]*$/,
};

/** Microsoft Graph's own description of itself, as much of it as the product calls. */
export class GraphMetadata {
  readonly #versions: Readonly<Record<string, Version>>;

  constructor() {
    this.#versions = JSON.parse(readFileSync(FILE, "utf8"));
  }

  /** undefined: Graph has no such operation. */
  find(method: string, path: string): GraphOperation | undefined {
    const [, version = "", set = "", appId, name] = ENTITY.exec(path) ?? COLLECTION.exec(path) ?? [];
    const described = this.#versions[version];
    const type = described?.collections[set];
    if (described === undefined || type === undefined) return undefined;
    const short = type.replace("graph.", "");
    const found = { appId, version: described, type };
    if (appId === undefined) {
      return method === "GET" ? { ...found, route: `GET ${set}`, action: undefined } : undefined;
    }
    if (name === undefined) {
      const isKnown = method === "GET" || method === "PATCH";
      return isKnown ? { ...found, route: `${method} ${short}`, action: undefined } : undefined;
    }
    const action = described.actions[name];
    if (method !== "POST" || action?.boundTo !== type) return undefined;
    return { ...found, route: `POST ${short}/${name}`, action };
  }

  wrongWithRequest(operation: GraphOperation, query: URLSearchParams, body: unknown): string | undefined {
    const { action, version, type, route } = operation;
    const properties = version.types[type.replace("graph.", "")] ?? {};
    for (const [name, value] of query) {
      if (name === "$filter" && operation.appId === undefined) continue;
      if (name !== "$select") return `the query has ${name}`;
      const stray = value.split(",").find((one) => !(one in properties));
      if (stray !== undefined) return `$select has ${stray}`;
    }
    if (action !== undefined) return wrongFields(version, action.parameters, body, "body", true);
    if (route.startsWith("GET")) return body === undefined ? undefined : "there is a body";
    return wrongFields(version, properties, body, "body", false);
  }

  wrongWithAnswer(operation: GraphOperation, query: URLSearchParams, body: unknown): string | undefined {
    const { action, version, type, route } = operation;
    if (action !== undefined) {
      if (action.returns === undefined) return body === undefined ? undefined : "there is a body";
      return wrongValue(version, action.returns, body, "body");
    }
    if (route.startsWith("PATCH")) return body === undefined ? undefined : "there is a body";
    if (operation.appId === undefined) {
      const { value } = { value: undefined, ...(body as object) };
      return wrongValue(version, { type: `Collection(${type})`, nullable: false }, value, "value");
    }
    const missing = query
      .get("$select")
      ?.split(",")
      .find((name) => !(name in (body as object)));
    if (missing !== undefined) return `${missing} is missing`;
    return wrongValue(version, { type, nullable: false }, body, "body");
  }
}

function wrongFields(
  version: Version,
  properties: Properties,
  value: unknown,
  at: string,
  areRequired: boolean,
): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return `${at} is no object`;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  for (const [name, given] of Object.entries(fields)) {
    // Annotations stand in answers only, which have them everywhere.
    if (name.startsWith("@odata.")) continue;
    const property = properties[name];
    if (property === undefined) return `${at} has ${name}`;
    const wrong = wrongValue(version, property, given, `${at}.${name}`);
    if (wrong !== undefined) return wrong;
  }
  if (!areRequired) return undefined;
  const missing = Object.entries(properties).find(([name, { nullable }]) => !nullable && !(name in fields));
  return missing === undefined ? undefined : `${at} lacks ${missing[0]}`;
}

function wrongValue(
  version: Version,
  { type, nullable }: Property,
  value: unknown,
  at: string,
): string | undefined {
  if (value === null) return nullable ? undefined : `${at} is null`;
  const element = /^Collection\((.+)\)$/.exec(type)?.[1];
  if (element !== undefined) {
    if (!Array.isArray(value)) return `${at} is no list`;
    return value
      .map((each, place) => wrongValue(version, { type: element, nullable: false }, each, `${at}[${place}]`))
      .find((wrong) => wrong !== undefined);
  }
  const properties = version.types[type.replace("graph.", "")];
  if (properties !== undefined) return wrongFields(version, properties, value, at, false);
  const pattern = PRIMITIVES[type];
  if (pattern === undefined) return `${at} is of the type ${type}, which nobody checks`;
  return typeof value === "string" && pattern.test(value) ? undefined : `${at} is no ${type}`;
}
