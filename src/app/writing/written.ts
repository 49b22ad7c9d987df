import type { Kind } from "../../core/documents/kinds.ts";
import type { Instant } from "../../core/model/instant.ts";

/** Where and when a writer works. */
export interface WriteContext {
  /** Root of the work tree, absolute. */
  readonly repo: string;
  readonly clock: Instant;
}

/** What a writer wrote. */
export interface Written {
  readonly file: string;
  readonly kind: Kind;
  readonly name: string;
  /** The document is new. */
  readonly created: boolean;
  readonly set: readonly { readonly path: string; readonly value: unknown }[];
  /** What a person should know about it. */
  readonly notes: readonly string[];
}

/** A midnight as the day alone, as people write it. */
export function shortInstant(instant: Instant): string {
  return instant.endsWith("T00:00:00Z") ? instant.slice(0, 10) : instant;
}
