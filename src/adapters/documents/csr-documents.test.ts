import { expect, test } from "vitest";
import { readDocuments } from "./read-documents.ts";

const CSR = (name: string): string =>
  `{ csr: { names: [${JSON.stringify(name)}], certificate: certs/shop.pem } }`;
const ACME = (name: string): string =>
  `{ acme: { connection: ca, names: [${JSON.stringify(name)}], challenge: { http-01: { listen: "0.0.0.0:80" } } } }`;

function problemsWith(name: string, provider = CSR): readonly string[] {
  const text = `apiVersion: cre/v1
kind: Credential
metadata: { name: shop }
spec:
  type: tls-certificate
  service: shop
  owner: { team: web, contact: web@example.com }
  createdAt: 2026-01-01
  method: automated
  access: []
  provider: ${provider(name)}
  deliver: [ { env-file: { path: /etc/shop/tls.env, values: { KEY: "{privateKey}" } } } ]
`;
  const read = readDocuments([{ path: "registry/shop.yaml", bytes: new TextEncoder().encode(text) }]);
  return read.problems.flatMap(({ code, message }) => (message.includes("names") ? [code] : []));
}

test.each(["www.example.com", "*.example.com", "2001:DB8::1", "10.0.0.1", "bücher.example"])(
  "a certificate may be for %s",
  (name) => {
    expect(problemsWith(name)).toEqual([]);
  },
);

test.each(["www example.com", "https://www.example.com", "web@example.com", "www.example.com\u0000"])(
  "a certificate for %j is for nobody",
  (name) => {
    expect(problemsWith(name)).toEqual(["form-invalid"]);
  },
);

test("a CA is asked by ACME for names alone, never for an address", () => {
  expect(problemsWith("10.0.0.1", ACME)).toEqual(["form-invalid"]);
  expect(problemsWith("10.example.com", ACME)).toEqual([]);
});
