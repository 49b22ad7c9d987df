import { createHash, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { Secret } from "../../../core/model/secret.ts";

export const KEY_TYPES = ["ecdsa-p256", "ecdsa-p384", "rsa-2048", "rsa-3072", "rsa-4096"] as const;
export type KeyType = (typeof KEY_TYPES)[number];

/** The key of a certificate that is about to be ordered. */
export interface CertificateKey {
  readonly type: KeyType;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** PKCS #8 in PEM. */
  readonly pem: Secret;
  /** Lower-case hex SHA-256 of the SubjectPublicKeyInfo, as in the facts of a certificate. */
  readonly spki: string;
}

const generate = promisify(generateKeyPair);
const CURVES = { "ecdsa-p256": "P-256", "ecdsa-p384": "P-384" } as const;
const BITS = { "rsa-2048": 2048, "rsa-3072": 3072, "rsa-4096": 4096 } as const;

/** A new key pair from the system's randomness. It exists in memory only. */
export async function createCertificateKey(type: KeyType): Promise<CertificateKey> {
  const { publicKey, privateKey } = await keysOf(type);
  return {
    type,
    publicKey,
    privateKey,
    pem: new Secret(String(privateKey.export({ type: "pkcs8", format: "pem" }))),
    spki: spkiOf(publicKey),
  };
}

async function keysOf(type: KeyType): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  if (type === "ecdsa-p256" || type === "ecdsa-p384") return generate("ec", { namedCurve: CURVES[type] });
  return generate("rsa", { modulusLength: BITS[type] });
}

/** Equal for a key and every certificate that is made for it. */
export function spkiOf(publicKey: KeyObject): string {
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
}
