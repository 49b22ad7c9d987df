import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { CREDENTIAL_TYPES } from "../../core/documents/common.ts";
import { DELIVER_KINDS, deliverKind } from "../../core/documents/deliver.ts";
import { PROVIDER_TYPES, providerKey } from "../../core/documents/provider.ts";
import { readDocuments } from "./read-documents.ts";
import { readWorkTree } from "./work-tree.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const FILES = readWorkTree(ROOT);
const { documents, problems, warnings, allowances } = readDocuments(FILES);
const specs = [...documents.credentials.values()].map(({ document }) => document.spec);

test("the example organisation is sound", () => {
  expect([...problems, ...warnings, ...allowances]).toEqual([]);
});

test("it has every type and every method", () => {
  expect(specs.length).toBeGreaterThanOrEqual(12);
  expect(new Set(specs.map(({ type }) => type))).toEqual(new Set(CREDENTIAL_TYPES));
  expect(new Set(specs.map(({ method }) => method))).toEqual(new Set(["automated", "manual", "delegated"]));
});

test("it has every provider and every kind of target", () => {
  const providers = specs.flatMap(({ provider }) => (provider === undefined ? [] : [providerKey(provider)]));
  expect(new Set(providers)).toEqual(new Set(Object.keys(PROVIDER_TYPES)));
  const kinds = specs.flatMap(({ deliver = [] }) => deliver.map(deliverKind));
  expect(new Set(kinds)).toEqual(new Set(DELIVER_KINDS));
});

test("its policies are the defaults that are promised", () => {
  const rules = [...documents.policies.values()].map(({ document: { metadata, spec } }) => [
    metadata.name,
    spec.rotateWithin ?? spec.renew?.beforeExpiry,
  ]);
  expect(Object.fromEntries(rules)).toEqual({
    "api-keys": "90d",
    "database-passwords": "60d",
    "tls-certificates": "30d",
    "ssh-keys": "180d",
    "oauth-client-secrets": "120d",
  });
});

test("editors find the schema of every file", () => {
  for (const { path, bytes } of FILES) {
    const [, schema = ""] =
      /^# yaml-language-server: \$schema=(\S+)\n/.exec(Buffer.from(bytes).toString()) ?? [];
    const kinds = new Set(
      [
        ...Buffer.from(bytes)
          .toString()
          .matchAll(/^kind: (\w+)$/gm),
      ].map(([, kind]) => kind),
    );
    const { title } = JSON.parse(readFileSync(new URL(schema, `file://${ROOT}${path}`), "utf8")) as {
      title: string;
    };
    expect({ path, kinds }).toEqual({ path, kinds: new Set([title]) });
  }
});
