import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, onTestFinished, test } from "vitest";
import { jsonSchemas, schemaText } from "../core/documents/json-schemas.ts";
import { SCHEMAS } from "../core/documents/kinds.ts";
import { staleSchemas } from "./generate-schemas.ts";

const PUBLISHED = fileURLToPath(new URL("../../registry/schema/", import.meta.url));

test("the published schemas are what the code says; else run `npm run generate`", () => {
  expect([...staleSchemas(PUBLISHED).keys()]).toEqual([]);
});

test("every kind of document is published, lower case, as JSON Schema 2020-12 with title and description", () => {
  for (const kind of Object.keys(SCHEMAS)) {
    const schema = jsonSchemas().get(`${kind.toLowerCase()}.schema.json`);
    expect(schema).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema", title: kind });
    expect(schema?.["description"]).toMatch(/\w/);
  }
});

test("every published schema compiles in a validator of its dialect", () => {
  for (const [name, schema] of jsonSchemas()) {
    const compiled = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false }).compile(schema);
    expect(compiled.schema).toMatchObject({
      title: expect.stringMatching(new RegExp(name.split(".")[0] ?? "", "i")),
    });
  }
});

test("a changed, a missing and a surplus file are all found", () => {
  const folder = mkdtempSync(join(tmpdir(), "cre-schemas-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, schema] of jsonSchemas()) writeFileSync(join(folder, name), schemaText(schema));
  expect(staleSchemas(folder).size).toBe(0);

  rmSync(join(folder, "policy.schema.json"));
  writeFileSync(
    join(folder, "hold.schema.json"),
    readFileSync(join(folder, "hold.schema.json"), "utf8").replace("Hold", "Halt"),
  );
  writeFileSync(join(folder, "gone.schema.json"), "{}");
  expect([...staleSchemas(folder).keys()].toSorted()).toEqual([
    "gone.schema.json",
    "hold.schema.json",
    "policy.schema.json",
  ]);
});
