import { isStored, type StoredSecret } from "../../core/documents/stored-secret.ts";
import type { Secret } from "../../core/model/secret.ts";
import type { LocalSecretSource, SecretSource } from "../../core/ports/runtime.ts";

/** Secrets of this host and, through `readStored`, those that lie in a store. */
export function withStores(
  local: LocalSecretSource,
  readStored: (reference: StoredSecret) => Promise<Secret>,
): SecretSource {
  return {
    read: async (reference) => (isStored(reference) ? readStored(reference) : local.read(reference)),
    present: (reference) => isStored(reference) || local.present(reference),
  };
}
