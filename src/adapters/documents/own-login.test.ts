import { expect, test } from "vitest";
import { readDocuments } from "./read-documents.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Codes of the problems with a client of Keycloak that is rotated over a connection with this realm. */
function codesOf(rotated: string, signsInTo: string): readonly string[] {
  const platform = `apiVersion: cre/v1
kind: Connection
metadata: { name: login }
spec:
  keycloak: { url: "https://login.internal", clientId: rotator${signsInTo}, secret: { env: S } }
  allow: { services: [orders-api], objects: ["*"] }
---
apiVersion: cre/v1
kind: Connection
metadata: { name: hook }
spec:
  webhook: { url: "https://orders.internal/credentials", key: { id: k1, secret: { env: HOOK_KEY } } }
  allow: { services: [orders-api] }
`;
  const team = `apiVersion: cre/v1
kind: Credential
metadata: { name: client }
spec:
  type: oauth-client-secret
  service: orders-api
  owner: { team: orders, contact: orders@example.com }
  createdAt: 2026-01-15
  method: automated
  provider: { keycloak-client: { connection: login, ${rotated} } }
  deliver: [ { webhook: { connection: hook } } ]
  access: []
`;
  const files = [
    { path: "policies/platform.yaml", bytes: bytes(platform) },
    { path: "registry/client.yaml", bytes: bytes(team) },
  ];
  return readDocuments(files).problems.map(({ code }) => code);
}

test.each([
  ["realm: master, clientId: rotator", "", ["rotates-own-login"]],
  ["realm: shop, clientId: rotator", ", realm: shop", ["rotates-own-login"]],
  ["realm: shop, clientId: rotator", "", []],
  ["realm: master, clientId: web", "", []],
])("the client of Keycloak with %s, over a login of the runner%s", (rotated, signsInTo, codes) => {
  expect(codesOf(rotated, signsInTo)).toEqual(codes);
});
