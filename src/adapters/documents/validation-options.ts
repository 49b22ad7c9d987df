import type { Options } from "ajv";

/** How documents are held against the schema of their kind, at run time as in what is compiled beforehand. */
export const VALIDATION = {
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
} as const satisfies Options;
