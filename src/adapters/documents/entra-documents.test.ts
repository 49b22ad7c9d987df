import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { entraApplicationRotator } from "../rotators/entra-application/rotator.ts";
import { readDocuments } from "./read-documents.ts";

const CLIENT = "8d0e4b6a-2f19-4e7c-b3a5-6c1d9e8f7a20";
const APPLICATION = "5a7c1e9d-3b2f-4d86-a0c4-9e8f7b6d5c31";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function connection(name: string, entra: string): string {
  return `apiVersion: cre/v1
kind: Connection
metadata: { name: ${name} }
spec:
  entra: { ${entra} }
  allow: { names: [first, second], objects: ["*"] }
`;
}

function credential(name: string, over: string, more = ""): string {
  return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${name} }
spec:
  type: oauth-client-secret
  service: orders-api
  owner: { team: orders, contact: orders@example.com }
  createdAt: 2026-01-15
  method: automated
  provider: { entra-application: { connection: ${over}, applicationId: ${APPLICATION}${more} } }
  deliver: [ { webhook: { connection: hook } } ]
  access: []
`;
}

const HOOK = `apiVersion: cre/v1
kind: Connection
metadata: { name: hook }
spec:
  webhook: { url: "https://orders.internal/credentials", key: { id: k1, secret: { env: HOOK_KEY } } }
  allow: { services: [orders-api] }
`;

function read(platform: readonly string[], team: readonly string[]) {
  return readDocuments([
    { path: "policies/platform.yaml", bytes: bytes([HOOK, ...platform].join("---\n")) },
    { path: "registry/orders.yaml", bytes: bytes(team.join("---\n")) },
  ]);
}

const codesOf = (platform: readonly string[], team: readonly string[]) =>
  read(platform, team).problems.map(({ code }) => code);

test.each([
  ["a secret", "tenant: example.com, clientId: ID, secret: { env: S }", []],
  ["the workflow's token", "tenant: example.com, clientId: ID, federated: true", []],
  ["both", "tenant: example.com, clientId: ID, federated: true, secret: { env: S }", ["exactly-one"]],
  ["neither", "tenant: example.com, clientId: ID", ["exactly-one"]],
  ["a tenant that is none", "tenant: common, clientId: ID, federated: true", ["form-invalid"]],
  [
    "a name in the place of an id",
    "tenant: example.com, clientId: runner, federated: true",
    ["form-invalid"],
  ],
])("a connection with %s", (_, entra, codes) => {
  const found = codesOf(
    [connection("company", entra.replace("ID", CLIENT))],
    [credential("first", "company")],
  );
  expect(found).toEqual(codes);
});

test("two documents about one application of one tenant are one too many, through whatever connection", () => {
  const login = `tenant: Example.com, clientId: ${CLIENT}, federated: true`;
  const connections = [
    connection("company", login),
    connection("other", login.replace("Example.com", "example.com")),
  ];
  const team = [credential("first", "company"), credential("second", "other")];
  expect(codesOf(connections, team)).toEqual(["identity-twice"]);
  const { documents } = read(connections, [credential("first", "company")]);
  const spec = documents.credentials.get("first")?.document.spec;
  if (spec === undefined) throw new Error("the credential is valid");
  const identity = entraApplicationRotator.identity(
    spec,
    (name) => documents.connections.get(name)?.document.spec,
  );
  expect(identity).toBe(`entra-application/example.com/${APPLICATION}`);
});

test("the client that the runner signs in as is not rotated by it", () => {
  const login = `tenant: example.com, clientId: ${APPLICATION.toUpperCase()}, federated: true`;
  const { problems } = read([connection("company", login)], [credential("first", "company")]);
  expect(problems.map(({ code }) => code)).toEqual(["rotates-own-login"]);
});

test("the documents on the page about Microsoft Entra are valid", () => {
  const page = readFileSync(new URL("../../../.github/docs/entra-application.md", import.meta.url), "utf8");
  const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const [team = "", ...platform] = yaml.split("---\n");
  const aws = `apiVersion: cre/v1
kind: Connection
metadata: { name: prod-aws }
spec:
  aws: { region: eu-central-1 }
  allow: { services: [platform], objects: ["prod/*"] }
`;
  const { problems, documents } = read([...platform, aws], [team]);
  expect(problems).toEqual([]);
  expect(documents.credentials.size).toBe(1);
});
