import type { CheckInput, Fault } from "./fault.ts";

type Check = (input: CheckInput) => readonly Fault[];

/** Each makes sure of one thing that no schema can say. */
const CHECKS: readonly Check[] = [];

/**
 * Every fault that only shows when documents are seen together, or that no schema can say. Pure; needs no clock, no
 * files and no network. Linear in the number of documents.
 */
export function checkDocuments(input: CheckInput): readonly Fault[] {
  return CHECKS.flatMap((check) => check(input));
}
