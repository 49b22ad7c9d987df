import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { externalRotator } from "../rotators/external/rotator.ts";
import { readDocuments } from "./read-documents.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function connection(name: string, url: string): string {
  return `apiVersion: cre/v1
kind: Connection
metadata: { name: ${name} }
spec:
  external: { url: "${url}", key: { id: k1, secret: { env: TOKENS_KEY } } }
  allow: { names: [first, second], objects: [orders] }
`;
}

function credential(name: string, server: string): string {
  return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${name} }
spec:
  type: api-key
  service: orders-api
  owner: { team: orders, contact: orders@example.com }
  createdAt: 2026-01-15
  method: automated
  provider: { external: { connection: ${server}, object: orders } }
  deliver: [ { webhook: { connection: hook } } ]
  access: []
`;
}

const HOOK = `apiVersion: cre/v1
kind: Connection
metadata: { name: hook }
spec: { webhook: { url: "https://orders.internal/credentials", key: { id: k1, secret: { env: HOOK_KEY } } } }
`;

/** Two credentials with one object each, at the servers with these addresses. */
function read(one: string, other: string) {
  return readDocuments([
    {
      path: "registry/a.yaml",
      bytes: bytes([credential("first", "a"), credential("second", "b")].join("---\n")),
    },
    {
      path: "policies/a.yaml",
      bytes: bytes([connection("a", one), connection("b", other), HOOK].join("---\n")),
    },
  ]);
}

const SERVER = "https://tokens.internal/rotate";

test.each([
  ["letters of another case", "https://TOKENS.internal/rotate"],
  ["the port that https has anyway", "https://tokens.internal:443/rotate"],
  ["a slash behind", "https://tokens.internal/rotate/"],
  ["a dot behind the host", "https://tokens.internal./rotate"],
  ["a path that goes back", "https://tokens.internal/x/../rotate"],
])("one object of a server is one, whatever its address is written with: %s", (_, url) => {
  const { problems, documents } = read(SERVER, url);
  expect(problems.map(({ code }) => code)).toEqual(["identity-twice"]);
  const spec = documents.credentials.get("first")?.document.spec;
  if (spec === undefined) throw new Error("no document");
  const identities = ["a", "b"].map((name) =>
    externalRotator.identity(spec, () => documents.connections.get(name)?.document.spec),
  );
  expect(identities[0]).toBe("external/https://tokens.internal:443/rotate/orders");
  expect(identities[1]).toBe(identities[0]);
});

test.each([
  "https://tokens.internal:8443/rotate",
  "https://tokens.internal/other",
  "https://tokens.internal/Rotate",
  "https://tokens.internal/rotate?tenant=b",
  "https://billing.internal/rotate",
])("%s is another place", (url) => {
  expect(read(SERVER, url).problems).toEqual([]);
});

test("the loopback address is one by all its names", () => {
  const { problems } = read("http://localhost:8080/rotate", "http://127.0.0.1:8080/rotate");
  expect(problems.map(({ code }) => code)).toEqual(["identity-twice"]);
});

test("the documents on the page about external rotators are valid", () => {
  const page = readFileSync(new URL("../../../.github/docs/external.md", import.meta.url), "utf8");
  const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const [platform = "", team = ""] = yaml.split("---\n");
  const hook = HOOK.replace("name: hook", "name: orders-hook");
  const { problems, documents } = readDocuments([
    { path: "policies/platform.yaml", bytes: bytes(`${platform}---\n${hook}`) },
    { path: "registry/orders.yaml", bytes: bytes(team) },
  ]);
  expect(problems).toEqual([]);
  expect(documents.credentials.size).toBe(1);
});
