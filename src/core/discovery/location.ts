import type { SightingFact } from "../state/discovery-book.ts";

/** The place without what moves when the things around it change: a line of a file of keys. */
export function locationOf({ kind, place }: Pick<SightingFact, "kind" | "place">): string {
  return kind === "ssh-key" ? place.replace(/:\d+$/, "") : place;
}
