import type { Document, Sourced } from "../kinds.ts";
import type { CheckInput, Fault } from "./fault.ts";

/** What one kind of fault looks like in one document; nothing where it is sound. */
export type Rule<D extends Document> = (source: Sourced<D>, input: CheckInput) => readonly Fault[];

/** All that the rules find in the documents, in the order of both. */
export function applyRules<D extends Document>(
  sources: Iterable<Sourced<D>>,
  input: CheckInput,
  rules: readonly Rule<D>[],
): Fault[] {
  const faults: Fault[] = [];
  for (const source of sources) {
    for (const rule of rules) {
      for (const fault of rule(source, input)) faults.push(fault);
    }
  }
  return faults;
}
