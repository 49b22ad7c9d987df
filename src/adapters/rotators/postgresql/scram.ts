import { createHash, createHmac, pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { Secret } from "../../../core/model/secret.ts";

/** What servers before PostgreSQL 16 use, and the least that RFC 7677 allows. */
export const DEFAULT_ITERATIONS = 4096;

/**
 * The SCRAM-SHA-256 verifier of a password (RFC 5802, RFC 7677) in the form that PostgreSQL stores as it is, so that
 * the server never gets the password. The same password, salt and count give the same bytes. The verifier itself is
 * a secret: it allows guessing offline and, with the server's traffic, signing in.
 *
 * Only printable ASCII is accepted: SASLprep leaves it as it is, and our passwords are made of it.
 */
export async function scramVerifier(
  password: Secret,
  salt: Uint8Array,
  iterations: number = DEFAULT_ITERATIONS,
): Promise<Secret> {
  const text = password.reveal();
  if (!/^[\x20-\x7e]+$/.test(text)) throw new Error("a generated password must be printable ASCII");
  const salted = await promisify(pbkdf2)(text, salt, iterations, 32, "sha256");
  const storedKey = createHash("sha256").update(hmac(salted, "Client Key")).digest("base64");
  const serverKey = hmac(salted, "Server Key").toString("base64");
  const saltText = Buffer.from(salt).toString("base64");
  return new Secret(`SCRAM-SHA-256$${iterations}:${saltText}$${storedKey}:${serverKey}`);
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
