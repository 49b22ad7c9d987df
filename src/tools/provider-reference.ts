import { CONNECTION_KINDS, type ConnectionKind } from "../core/documents/connection.ts";
import {
  COMPLETING_KINDS,
  DELIVER_KINDS,
  type DeliverKind,
  PUSH_ONLY_KINDS,
} from "../core/documents/deliver.ts";
import { jsonSchemas } from "../core/documents/json-schemas.ts";
import { PROVIDER_PARTS, PROVIDER_TYPES, type ProviderKey } from "../core/documents/provider.ts";
import { type FieldRow, type FieldSchema, fieldRows } from "./field-rows.ts";

/** The kind of connection that each provider's `connection` (or `hosts`) is of. */
export const PROVIDER_CONNECTIONS: Readonly<Record<ProviderKey, ConnectionKind>> = {
  "aws-iam": "aws",
  postgresql: "postgresql",
  acme: "acme",
  csr: "webhook",
  "authorized-keys": "ssh",
  "entra-application": "entra",
  "keycloak-client": "keycloak",
  external: "external",
};

/** Pages that are about several kinds of targets. */
const SHARED_PAGES: Readonly<Partial<Record<DeliverKind, string>>> = {
  "aws-secrets-manager": "aws-deliveries",
  "aws-ssm": "aws-deliveries",
  "aws-acm": "aws-deliveries",
};

/** Whether there is a page of this name beside this one. */
type HasPage = (name: string) => boolean;

/** The reference page of all providers, deliveries and connections, made from the schemas that validate them. */
export function providerReference(hasPage: HasPage): string {
  const credential = specOf("credential");
  const connection = specOf("connection");
  const providers = Object.keys(PROVIDER_TYPES) as ProviderKey[]; // `as`: the keys of a constant
  const provider = propertyOf(credential, "provider");
  const deliver = propertyOf(credential, "deliver").items ?? {};
  return `${[
    "# Providers, deliveries and connections",
    "Made from the schemas by `npm run generate`; editors complete and check the same. A field `a.b` is `b` in the block `a`, `a[].b` is `b` in each entry of the list `a`. *One of these*: exactly one of the fields that say so must be there. A name is lower-case letters, digits and dashes; a duration an integer and one of `s m h d w`.",
    "## Providers",
    "Exactly one stands under `spec.provider` of a credential, and says how it is rotated.",
    table(
      ["provider", "for", "parts for templates", "connection"],
      providers.map((key) => [
        link(key),
        PROVIDER_TYPES[key].map(code).join(" "),
        partsOf(key),
        `[\`${PROVIDER_CONNECTIONS[key]}\`](#connection-${PROVIDER_CONNECTIONS[key]})`,
      ]),
    ),
    ...providers.map((key) => section(`### ${key}`, propertyOf(provider, key), pageText(key, hasPage))),
    "## Deliveries",
    "Where a new version goes: entries of `spec.deliver`, each with exactly one kind and what is common to all.",
    table(
      ["kind", "the new version", "takes a key before its certificate"],
      DELIVER_KINDS.map((kind) => [
        link(kind, "deliver-"),
        PUSH_ONLY_KINDS.includes(kind)
          ? "takes the place of the old one at once; at most one such entry"
          : "is staged beside the old one first",
        COMPLETING_KINDS.includes(kind) ? "yes" : "",
      ]),
    ),
    "### Common to all",
    fieldTable(fieldRows(without(deliver, DELIVER_KINDS))),
    ...DELIVER_KINDS.map((kind) =>
      section(
        `### deliver ${kind}`,
        propertyOf(deliver, kind),
        pageText(SHARED_PAGES[kind] ?? kind, hasPage),
      ),
    ),
    "## Connections",
    "Addresses and the runner's own logins, in `policies/`: each has exactly one kind, and what is common to all.",
    "### Common to all connections",
    fieldTable(fieldRows(without(connection, CONNECTION_KINDS))),
    "### Secrets",
    "Where the runner finds a secret of its own; the secret itself never stands in a document. Exactly one:",
    fieldTable(fieldRows(secretOf(connection)).map(([path, type, , meaning]) => [path, type, "", meaning])),
    ...CONNECTION_KINDS.map((kind) => section(`### connection ${kind}`, propertyOf(connection, kind), "")),
  ]
    .filter((text) => text !== "")
    .join("\n\n")}\n`;
}

function section(title: string, schema: FieldSchema, page: string): string {
  const rows = fieldRows(schema);
  return [title, schema.description ?? "", page, fieldTable(rows)].filter((text) => text !== "").join("\n\n");
}

function partsOf(key: ProviderKey): string {
  return PROVIDER_PARTS[key]?.map((part) => code(`{${part}}`)).join(" ") ?? "those that it gives";
}

function pageText(name: string, hasPage: HasPage): string {
  return hasPage(name) ? `How it works, what it needs and what it proves: [its page](${name}.md).` : "";
}

function link(key: string, prefix = ""): string {
  return `[\`${key}\`](#${prefix}${key})`;
}

/** Fields as a table of Markdown. */
export function fieldTable(rows: readonly FieldRow[]): string {
  return table(
    ["field", "type", "required", "what it is"],
    rows.map(([path, ...rest]) => [code(path), ...rest.map((cell) => cell.replaceAll("|", "\\|"))]),
  );
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => `| ${row.join(" | ")} |`);
  return [`| ${titles.join(" | ")} |`, `|${titles.map(() => "---|").join("")}`, ...lines].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}

function specOf(kind: string): FieldSchema {
  // `as`: the schemas of documents are objects with a `spec`.
  return propertyOf(jsonSchemas().get(`${kind}.schema.json`) as FieldSchema, "spec");
}

/** A field of a block, which must be there. */
export function propertyOf({ properties = {} }: FieldSchema, key: string): FieldSchema {
  const found = properties[key];
  if (found === undefined) throw new Error(`no schema has ${key}`);
  return found;
}

function without({ properties = {}, ...rest }: FieldSchema, keys: readonly string[]): FieldSchema {
  const kept = Object.entries(properties).filter(([key]) => !keys.includes(key));
  return { ...rest, oneOf: [], properties: Object.fromEntries(kept) };
}

/** The one reference to a secret that every connection has. */
function secretOf(connection: FieldSchema): FieldSchema {
  return propertyOf(propertyOf(propertyOf(connection, "webhook"), "key"), "secret");
}
