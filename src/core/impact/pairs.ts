import type { Document, Sourced } from "../documents/kinds.ts";
import { compareText } from "../evaluate/order.ts";

/** A document before and after the change; at least one of them is there. */
export interface Pair<D extends Document> {
  /** Its name now, or the one that it had. */
  readonly name: string;
  readonly before: Sourced<D> | undefined;
  readonly after: Sourced<D> | undefined;
}

/**
 * Puts each document to itself before the change, by its name or, where that is new, by a former name that nobody
 * bears any more. A file that moved is no difference. Sorted by name.
 */
export function pairsOf<D extends Document>(
  before: ReadonlyMap<string, Sourced<D>>,
  after: ReadonlyMap<string, Sourced<D>>,
): readonly Pair<D>[] {
  const taken = new Set<string>();
  const pairs: Pair<D>[] = [];
  for (const [name, source] of after) {
    const old = [name, ...(source.document.metadata.formerNames ?? [])].find(
      (known) => before.has(known) && !taken.has(known) && (known === name || !after.has(known)),
    );
    if (old !== undefined) taken.add(old);
    pairs.push({ name, before: old === undefined ? undefined : before.get(old), after: source });
  }
  for (const [name, source] of before) {
    if (!taken.has(name)) pairs.push({ name, before: source, after: undefined });
  }
  return pairs.toSorted((a, b) => compareText(a.name, b.name));
}
