import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import { type Kind, SCHEMAS } from "../../core/documents/kinds.ts";
import { VALIDATION } from "./validation-options.ts";

export type Validators = Readonly<Record<Kind, ValidateFunction>>;
export type SchemaError = ErrorObject<string, Record<string, unknown>>;

/**
 * Compiles the schema of every kind. Made once per process, at import, since it costs more than validating a thousand
 * documents. What is built has them compiled in this module's place: src/tools/compiled-validators.ts.
 */
function compileValidators(): Validators {
  // To make the code smaller takes longer than a command's documents do.
  const ajv = new Ajv2020({ ...VALIDATION, code: { optimize: false } });
  const compiled = Object.entries(SCHEMAS).map(([kind, schema]) => [kind, ajv.compile(schema)]);
  // Every kind of SCHEMAS has just been compiled.
  return Object.fromEntries(compiled) as Validators;
}

export const VALIDATORS = compileValidators();
