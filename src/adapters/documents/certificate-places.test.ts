import { expect, test } from "vitest";
import { readDocuments } from "./read-documents.ts";

const head = `apiVersion: cre/v1
kind: Credential
metadata: { name: shop }
spec:
  type: tls-certificate
  service: shop
  owner: { team: web, contact: web@example.com }
  createdAt: 2026-01-01
  method: manual
  access: []
`;
const settings = `apiVersion: cre/v1
kind: Settings
metadata: { name: settings }
spec: { paths: [/etc/shop] }
`;

function problemsIn(lines: string): readonly string[] {
  const read = readDocuments([
    { path: "registry/shop.yaml", bytes: new TextEncoder().encode(head + lines) },
    { path: "policies/settings.yaml", bytes: new TextEncoder().encode(settings) },
  ]);
  return read.problems.map(({ code, message, line }) => `${line} ${code}: ${message}`);
}

test.each([
  '  endpoints: ["www.example.com:443", "[2001:db8::1]:443", "mail.example.com:65535"]\n',
  "  endpoints: [ { host: mail.example.com, port: 25, starttls: smtp } ]\n",
  '  endpoints: [ "www.example.com:443", { host: 192.0.2.7, port: 443, serverName: shop.example.com } ]\n',
  "  certificateFiles: [certs/shop.pem, /etc/shop/tls/chain.pem]\n",
])("%s is valid", (lines) => {
  expect(problemsIn(lines)).toEqual([]);
});

test.each([
  ['  endpoints: ["www.example.com"]\n', "form-invalid"],
  ['  endpoints: ["www.example.com:0"]\n', "form-invalid"],
  ['  endpoints: ["www.example.com:65536"]\n', "form-invalid"],
  ['  endpoints: ["https://www.example.com:443"]\n', "form-invalid"],
  ["  endpoints: [443]\n", "type-wrong: `spec.endpoints[0]` must be a text or a map, not a whole number"],
  ["  endpoints: [ { host: a.example.com } ]\n", "field-missing: `spec.endpoints[0].port` is missing"],
  ["  endpoints: [ { host: a.example.com, port: 70000 } ]\n", "number-out-of-range"],
  ["  endpoints: [ { host: a.example.com, port: 443, sni: b } ]\n", "key-unknown"],
  ["  endpoints: [ { host: a.example.com, port: 25, starttls: pop3 } ]\n", "value-unknown"],
  [
    "  certificateFiles: [../shop.pem]\n",
    "file-outside: `certificateFiles` is no path inside this repository",
  ],
  ["  certificateFiles: [/etc/ssl/shop.pem]\n", "path-not-allowed"],
  ["  certificateFiles: [/etc/shop/../shadow]\n", "path-not-allowed"],
])("%s is told", (lines, expected) => {
  expect(problemsIn(lines)).toEqual([expect.stringContaining(expected)]);
});
