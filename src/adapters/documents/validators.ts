import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { type Kind, SCHEMAS } from "../../core/documents/kinds.ts";

export type Validators = Readonly<Record<Kind, ValidateFunction>>;
export type SchemaError = ErrorObject<string, Record<string, unknown>>;

/**
 * Compiles the schema of every kind. Made once per process, at import, since it costs more than validating a thousand
 * documents.
 */
function compileValidators(): Validators {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictRequired: false,
    // An entry may be a text or a map: one schema says both, so that what is wrong with it is told precisely.
    allowUnionTypes: true,
    verbose: true,
    ownProperties: true,
    // A test does, once for all: it takes a sixth of the time.
    meta: false,
    validateSchema: false,
    // To make the code smaller takes longer than a command's documents do.
    code: { optimize: false },
  });
  const compiled = Object.entries(SCHEMAS).map(([kind, schema]) => [kind, ajv.compile(schema)]);
  // Every kind of SCHEMAS has just been compiled.
  return Object.fromEntries(compiled) as Validators;
}

export const VALIDATORS = compileValidators();
