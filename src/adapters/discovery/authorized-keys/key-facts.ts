import type { KeyLine } from "../../../core/authorized-keys/key-line.ts";

/** RSA under this many bits is weak today; NIST SP 800-131A forbids less, and 3072 is what it asks for beyond 2030. */
const WEAK_RSA = 2048;
const SHORT_RSA = 3072;

/** `rsa 3072`, `ed25519`, `ecdsa 256`: what kind of key a line has, as people write it. */
export function keyTypeOf(line: Pick<KeyLine, "type" | "key">): string {
  const [, curve] = /^ecdsa-sha2-nistp(\d+)$/.exec(line.type) ?? [];
  if (curve !== undefined) return `ecdsa ${curve}`;
  if (line.type === "ssh-rsa") return `rsa ${rsaBits(line.key) ?? "of unknown size"}`;
  if (line.type === "ssh-dss") return "dsa";
  return line.type.replace(/^ssh-/, "").replace(/@openssh\.com$/, "");
}

/** What is wrong with a key itself, and with how it is let in. */
export function concernsOf(line: Pick<KeyLine, "type" | "key" | "authority">): readonly string[] {
  const concerns: string[] = [];
  if (line.type === "ssh-dss") concerns.push("DSA keys are broken, and newer servers refuse them");
  const bits = line.type === "ssh-rsa" ? rsaBits(line.key) : undefined;
  if (bits !== undefined && bits < WEAK_RSA) concerns.push(`an RSA key of ${bits} bits can be broken`);
  else if (bits !== undefined && bits < SHORT_RSA) {
    concerns.push(`an RSA key of ${bits} bits is too short for what has to last beyond 2030`);
  }
  if (line.authority) {
    concerns.push("it is an authority: whoever has its private key lets in as many keys as they like");
  }
  return concerns;
}

/** Bits of the modulus in the wire format (RFC 4253 6.6): name, exponent, modulus. */
function rsaBits(base64: string): number | undefined {
  const blob = Buffer.from(base64, "base64");
  let at = 0;
  const fields: Buffer[] = [];
  while (fields.length < 3 && at + 4 <= blob.length) {
    const length = blob.readUInt32BE(at);
    if (at + 4 + length > blob.length) return undefined;
    fields.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  const [, exponent, modulus] = fields;
  if (exponent === undefined || modulus === undefined) return undefined;
  const first = modulus.findIndex((byte) => byte !== 0);
  return first === -1 ? 0 : (modulus.length - first) * 8 - (Math.clz32(modulus[first] ?? 0) - 24);
}
