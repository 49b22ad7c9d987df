import { canonical } from "../audit/seal.ts";
import type { Sha256 } from "../ports/runtime.ts";

const known = new WeakMap<object, string>();

/** SHA-256 of the canonical form of a part of a document: equal for equal content, whatever its layout. */
export function digestOf(content: object, sha256: Sha256): string {
  // Documents never change once they are read, and every evaluation asks again.
  const before = known.get(content);
  if (before !== undefined) return before;
  const digest = sha256(canonical(content));
  known.set(content, digest);
  return digest;
}
