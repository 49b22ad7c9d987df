import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { VALIDATORS, type Validators } from "../adapters/documents/validators.ts";
import type { Kind } from "../core/documents/kinds.ts";
import { compiledValidators } from "./compiled-validators.ts";

let folder: string;
let compiled: Validators;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cre-validators-"));
  const file = join(folder, "validators.mjs");
  writeFileSync(file, await compiledValidators());
  ({ VALIDATORS: compiled } = (await import(file)) as { VALIDATORS: Validators });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [name, owner] = [{ name: "orders-db" }, { team: "orders", contact: "orders@example.com" }];
const spec = {
  type: "api-key",
  service: "orders",
  owner,
  createdAt: "2026-01-01",
  method: "manual",
  access: [],
};
const documents: readonly (readonly [Kind, string, unknown])[] = [
  ["Credential", "that is right", { metadata: name, spec }],
  ["Credential", "of an unknown type", { metadata: name, spec: { ...spec, type: "api" } }],
  ["Credential", "with a misspelt field", { metadata: name, spec: { ...spec, acess: [] } }],
  ["Credential", "with names that are too long", { metadata: { name: "é".repeat(300) }, spec }],
  ["Policy", "with durations of no unit", { metadata: name, spec: { match: {}, rotateWithin: "90" } }],
  ["Settings", "with everything wrong", { metadata: name, spec: { teams: 1, discovery: [{}], forge: {} } }],
  ["Connection", "of no kind", { metadata: name, spec: {} }],
  ["Exception", "of both", { metadata: name, spec: { policy: "p", finding: "stale", credentials: [] } }],
  ["Hold", "without an end", { metadata: name, spec: { all: true } }],
];

test.each(documents)(
  "of a %s %s they say the same as those that are compiled at run time",
  (kind, _, document) => {
    const value = { apiVersion: "cre/v1", kind, ...(document as object) };
    const verdicts = [compiled, VALIDATORS].map((validators) => [
      validators[kind](value),
      structuredClone(validators[kind].errors),
    ]);
    expect(verdicts[0]).toEqual(verdicts[1]);
  },
);

test("there is one for every kind", () => {
  expect(Object.keys(compiled).toSorted()).toEqual(Object.keys(VALIDATORS).toSorted());
});
