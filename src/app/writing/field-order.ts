import { type Kind, SCHEMAS } from "../../core/documents/kinds.ts";

/** Fields of a kind's `spec` in the order in which people write them, that of the schema. */
function fieldOrder(kind: Kind): readonly string[] {
  const { spec } = SCHEMAS[kind].properties;
  return "properties" in spec ? Object.keys(spec.properties) : [];
}

/** Of the fields that are there, in their order, the one behind which a new field belongs; undefined: at the end. */
export function fieldBefore(kind: Kind, field: string, present: readonly string[]): string | undefined {
  const order = fieldOrder(kind);
  const place = order.indexOf(field);
  if (place === -1) return undefined;
  return present.findLast((candidate) => order.slice(0, place).includes(candidate));
}

/** A `spec` with its fields in the order of the schema; unknown ones at the end. */
export function inFieldOrder(kind: Kind, spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const order = fieldOrder(kind);
  const place = (field: string): number => (order.includes(field) ? order.indexOf(field) : order.length);
  return Object.fromEntries(Object.entries(spec).toSorted(([a], [b]) => place(a) - place(b)));
}
