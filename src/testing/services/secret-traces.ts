import { createHash } from "node:crypto";

/**
 * The forms of a secret that a text holds: as it is, a part of it, encoded or hashed as tools write it. Of a SCRAM
 * verifier also its salt and keys alone.
 */
export function tracesOf(secret: string, text: string): string[] {
  return formsOf(secret).filter((form) => text.includes(form));
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const windows = Array.from({ length: Math.max(0, secret.length - 11) }, (_, at) =>
    secret.slice(at, at + 12),
  );
  const keys = secret.includes("$") ? secret.split(/[$:]/).filter((part) => part.length > 20) : windows;
  return [
    secret,
    ...keys,
    bytes.toString("base64").replaceAll("=", ""),
    bytes.toString("hex"),
    encodeURIComponent(secret),
    createHash("sha256").update(secret).digest("hex"),
    createHash("md5").update(secret).digest("hex"),
  ];
}
