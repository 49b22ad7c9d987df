import { createHash, X509Certificate as NodeCertificate } from "node:crypto";
import type { SubjectAlternativeNameExtension, X509Certificate } from "@peculiar/x509";
import type { CertificateFacts } from "../../../core/certificates/certificate.ts";
import type { Instant } from "../../../core/model/instant.ts";

/** The public facts of a DER or PEM certificate. Rejects with the parser's error where it is none. */
export async function certificateFacts(encoded: Uint8Array | string): Promise<CertificateFacts> {
  const x509 = await import("@peculiar/x509");
  const parsed = new x509.X509Certificate(typeof encoded === "string" ? encoded : Buffer.from(encoded));
  const key = new NodeCertificate(Buffer.from(parsed.rawData)).publicKey;
  const details = key.asymmetricKeyDetails;
  const bits = details?.modulusLength ?? curveBits(details?.namedCurve);
  return {
    subject: parsed.subject,
    issuer: parsed.issuer,
    names: namesOf(parsed.getExtension(x509.SubjectAlternativeNameExtension)),
    serial: parsed.serialNumber.toLowerCase().replace(/^(00)+(?=.)/, ""),
    notBefore: instantOf(parsed.notBefore),
    notAfter: instantOf(parsed.notAfter),
    keyType: typeOf(key.asymmetricKeyType),
    ...(bits === undefined ? {} : { keyBits: bits }),
    signature: signatureOf(parsed),
    spki: sha256(Buffer.from(parsed.publicKey.rawData)),
    fingerprint: sha256(Buffer.from(parsed.rawData)),
    isAuthority: parsed.getExtension(x509.BasicConstraintsExtension)?.ca === true,
  };
}

function namesOf(extension: SubjectAlternativeNameExtension | null): readonly string[] {
  return (extension?.names.toJSON() ?? []).flatMap(({ type, value }) =>
    type === "dns" ? [value.toLowerCase()] : type === "ip" ? [value] : [],
  );
}

function signatureOf({ signatureAlgorithm }: X509Certificate): string {
  const { name, hash } = signatureAlgorithm as { name: string; hash?: string | { name: string } };
  return hash === undefined ? name : `${name} with ${typeof hash === "string" ? hash : hash.name}`;
}

const TYPES: Readonly<Record<string, CertificateFacts["keyType"]>> = {
  rsa: "rsa",
  "rsa-pss": "rsa",
  ec: "ec",
  ed25519: "ed25519",
  ed448: "ed448",
  dsa: "dsa",
};

function typeOf(type: string | undefined): CertificateFacts["keyType"] {
  return TYPES[type ?? ""] ?? "other";
}

function curveBits(curve: string | undefined): number | undefined {
  return { prime256v1: 256, secp384r1: 384, secp521r1: 521, secp256k1: 256 }[curve ?? ""];
}

function instantOf(date: Date): Instant {
  return date.toISOString().replace(/\.\d{3}Z$/, "Z") as Instant;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
