import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { SCHEMAS } from "../../core/documents/kinds.ts";

// The validators of a command do without this check.
test.each(Object.entries(SCHEMAS))("the schema of %s is one, by JSON Schema 2020-12", (_, schema) => {
  const ajv = new Ajv2020();
  expect([ajv.validateSchema(schema), ajv.errors]).toEqual([true, null]);
});
