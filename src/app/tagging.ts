import { hmacSha256 } from "../adapters/runtime/hash.ts";
import type { Documents } from "../core/documents/kinds.ts";
import type { Secret, SecretParts } from "../core/model/secret.ts";
import type { LocalSecretSource } from "../core/ports/runtime.ts";

/** Parts that hold the secret itself, by which a version is recognised; the first that a version has counts. */
const SECRET_PARTS = ["password", "secretAccessKey", "clientSecret", "privateKey", "value"] as const;

/** First 16 hex of HMAC-SHA-256(key, name NUL attempt NUL value): says "this is the value" only to who has the key. */
export function tagOf(key: Secret, credential: string, attempt: string, value: Secret): string {
  return hmacSha256(key, `${credential}\0${attempt}\0${value.reveal()}`).slice(0, 16);
}

/** The tag of a new version; undefined where the settings name no `tagKey` or the version has no single secret part. */
export async function tagParts(
  credential: string,
  attempt: string,
  parts: SecretParts,
  documents: Documents,
  secrets: LocalSecretSource,
): Promise<string | undefined> {
  const reference = documents.settings?.document.spec.tagKey;
  const value = SECRET_PARTS.map((name) => parts.get(name)).find((part) => part !== undefined);
  if (reference === undefined || value === undefined) return undefined;
  return tagOf(await secrets.read(reference), credential, attempt, value);
}
