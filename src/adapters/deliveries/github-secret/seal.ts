import { EffectError } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";

/** The public key of a repository, environment or organisation, as GitHub gives it. */
export interface PublicKey {
  readonly id: string;
  /** Base64. */
  readonly key: string;
}

/** A value that only GitHub can open. */
export interface SealedValue {
  readonly keyId: string;
  /** Base64. */
  readonly sealed: string;
}

/** The most bytes that GitHub takes as the value of a secret. */
const LARGEST_VALUE = 48 * 1024;
const KEY_BYTES = 32;

/** Refuses values that GitHub would not take, before anything is changed. */
export function checkValues(label: string, values: ReadonlyMap<string, Secret>): void {
  for (const [name, value] of values) {
    const size = Buffer.byteLength(value.reveal());
    if (size > 0 && size <= LARGEST_VALUE) continue;
    throw new EffectError(
      "refused",
      "value-size",
      `${label}: the value of ${name} ${size === 0 ? "is empty" : "is too large"}`,
      {
        evidence: `${size} bytes; GitHub takes 1 to ${LARGEST_VALUE}`,
        fix: "change its template in the document",
        retryable: false,
      },
    );
  }
}

/** Seals a value for the holder of the key's other half (libsodium `crypto_box_seal`). */
export async function seal(label: string, { id, key }: PublicKey, value: Secret): Promise<SealedValue> {
  const publicKey = Buffer.from(key, "base64");
  if (publicKey.length !== KEY_BYTES) {
    throw new EffectError("refused", "public-key", `${label}: GitHub's public key is none`, {
      evidence: `${publicKey.length} bytes instead of ${KEY_BYTES}`,
      fix: "check that the url of the connection is that of GitHub's API",
    });
  }
  const { default: sodium } = await import("libsodium-wrappers");
  await sodium.ready;
  const sealed = sodium.crypto_box_seal(Buffer.from(value.reveal(), "utf8"), publicKey);
  return { keyId: id, sealed: Buffer.from(sealed).toString("base64") };
}
