/**
 * Takes out of Microsoft Graph's own description of itself (its OData metadata) what the product calls, for the
 * stand-in of the tests:
 *
 *   git clone --depth 1 https://github.com/microsoftgraph/msgraph-metadata
 *   node src/tools/slice-graph-metadata.ts msgraph-metadata/clean_v10_metadata/cleanMetadata.xml
 *
 * Name here what new code reads or writes. What only the beta has stands below, as Graph's reference describes it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const TARGET = new URL("../testing/services/entra/graph-metadata.json", import.meta.url);

/** Properties by type; all those of a type where none are named. */
const TYPES: Readonly<Record<string, readonly string[] | undefined>> = {
  application: ["appId", "displayName", "passwordCredentials", "signInAudience", "tags"],
  passwordCredential: undefined,
};
const ACTIONS: readonly string[] = ["addPassword", "removePassword"];
const BOUND_TO = "graph.application";
const ENTITY_SETS: readonly string[] = ["applications"];

/** https://learn.microsoft.com/graph/api/resources/appcredentialsigninactivity?view=graph-rest-beta */
const BETA = {
  types: {
    appCredentialSignInActivity: {
      id: { type: "Edm.String", nullable: false },
      appId: { type: "Edm.String", nullable: true },
      appObjectId: { type: "Edm.String", nullable: true },
      createdDateTime: { type: "Edm.DateTimeOffset", nullable: true },
      credentialOrigin: { type: "Edm.String", nullable: true },
      expirationDateTime: { type: "Edm.DateTimeOffset", nullable: true },
      keyId: { type: "Edm.String", nullable: true },
      keyType: { type: "Edm.String", nullable: true },
      keyUsage: { type: "Edm.String", nullable: true },
      resourceId: { type: "Edm.String", nullable: true },
      servicePrincipalObjectId: { type: "Edm.String", nullable: true },
      signInActivity: { type: "graph.signInActivity", nullable: true },
    },
    signInActivity: {
      lastSignInDateTime: { type: "Edm.DateTimeOffset", nullable: true },
      lastSignInRequestId: { type: "Edm.String", nullable: true },
    },
  },
  collections: { "reports/appCredentialSignInActivities": "graph.appCredentialSignInActivity" },
} as const;

interface Property {
  readonly type: string;
  readonly nullable: boolean;
}

interface Element {
  readonly attributes: Readonly<Record<string, string>>;
  readonly inner: string;
}

/** The elements with this tag, with their attributes and what stands between their tags. */
function elements(text: string, tag: string): readonly Element[] {
  const pattern = new RegExp(`<${tag}((?:\\s[^<>]*?)?)(?:/>|>([^]*?)</${tag}>)`, "g");
  return [...text.matchAll(pattern)].map(([, given = "", inner = ""]) => {
    const pairs = [...given.matchAll(/([\w.]+)="([^"]*)"/g)].map((match) => match.slice(1, 3));
    return { attributes: Object.fromEntries(pairs), inner };
  });
}

function only<T>(found: readonly T[], what: string): T {
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} times ${what}`);
  return first;
}

function property({ attributes: { Type: type = "", Nullable: nullable = "true" } }: Element): Property {
  return { type, nullable: nullable !== "false" };
}

function properties(text: string, name: string): Readonly<Record<string, Property>> {
  const named = (tag: string) => elements(text, tag).filter(({ attributes }) => attributes["Name"] === name);
  const found = only([...named("EntityType"), ...named("ComplexType")], name);
  const wanted = TYPES[name];
  const kept = elements(found.inner, "Property").filter(
    ({ attributes }) => wanted === undefined || wanted.includes(attributes["Name"] ?? ""),
  );
  const missing = wanted?.filter((one) => kept.every(({ attributes }) => attributes["Name"] !== one)) ?? [];
  if (missing.length > 0) throw new Error(`${name} has no ${missing.join(", ")}`);
  return Object.fromEntries(kept.map((each) => [each.attributes["Name"] ?? "", property(each)]));
}

function action(text: string, name: string) {
  const found = only(
    elements(text, "Action").filter(
      ({ attributes, inner }) =>
        attributes["Name"] === name && elements(inner, "Parameter")[0]?.attributes["Type"] === BOUND_TO,
    ),
    name,
  );
  const [, ...parameters] = elements(found.inner, "Parameter");
  const [returned] = elements(found.inner, "ReturnType");
  return {
    boundTo: BOUND_TO,
    parameters: Object.fromEntries(parameters.map((each) => [each.attributes["Name"] ?? "", property(each)])),
    ...(returned === undefined ? {} : { returns: property(returned) }),
  };
}

function sliced(text: string) {
  const types = Object.fromEntries(Object.keys(TYPES).map((name) => [name, properties(text, name)]));
  const { id } = properties(text, "entity");
  return {
    comment:
      "A slice of https://github.com/microsoftgraph/msgraph-metadata (MIT, graph-metadata.LICENSE), made by src/tools/slice-graph-metadata.ts",
    "v1.0": {
      types: { ...types, application: { ...(id === undefined ? {} : { id }), ...types["application"] } },
      actions: Object.fromEntries(ACTIONS.map((name) => [name, action(text, name)])),
      collections: Object.fromEntries(
        ENTITY_SETS.map((name) => {
          const set = only(
            elements(text, "EntitySet").filter(({ attributes }) => attributes["Name"] === name),
            name,
          );
          return [name, (set.attributes["EntityType"] ?? "").replace("microsoft.graph.", "graph.")];
        }),
      ),
    },
    beta: { ...BETA, actions: {} },
  };
}

const [, , source] = process.argv;
if (source === undefined) throw new Error("name the file cleanMetadata.xml of msgraph-metadata");
writeFileSync(TARGET, `${JSON.stringify(sliced(readFileSync(source, "utf8")), undefined, 1)}\n`);
console.log(`wrote ${fileURLToPath(TARGET)}`);
