import { createHash, type KeyObject, X509Certificate as NodeCertificate } from "node:crypto";
import type { SubjectAlternativeNameExtension, X509Certificate } from "@peculiar/x509";
import type { CertificateFacts } from "../../../core/certificates/certificate.ts";
import { instantOf } from "../../../core/model/instant.ts";
import { loadX509 } from "../x509/library.ts";

/** The public facts of a DER or PEM certificate. Rejects with the parser's error where it is none. */
export async function certificateFacts(encoded: Uint8Array | string): Promise<CertificateFacts> {
  const x509 = await loadX509();
  const parsed = new x509.X509Certificate(typeof encoded === "string" ? encoded : Buffer.from(encoded));
  const node = new NodeCertificate(Buffer.from(parsed.rawData));
  const key = publicKeyOf(node);
  const details = key?.asymmetricKeyDetails;
  const bits = details?.modulusLength ?? curveBits(details?.namedCurve);
  return {
    subject: parsed.subject,
    issuer: parsed.issuer,
    names: namesOf(parsed.getExtension(x509.SubjectAlternativeNameExtension)),
    serial: parsed.serialNumber.toLowerCase().replace(/^(00)+(?=.)/, ""),
    notBefore: instantOf(parsed.notBefore.getTime() / 1000),
    notAfter: instantOf(parsed.notAfter.getTime() / 1000),
    keyType: typeOf(key?.asymmetricKeyType),
    ...(bits === undefined ? {} : { keyBits: bits }),
    signature: signatureOf(parsed),
    spki: sha256(Buffer.from(parsed.publicKey.rawData)),
    fingerprint: sha256(node.raw),
    isAuthority: parsed.getExtension(x509.BasicConstraintsExtension)?.ca === true,
  };
}

/** A kind of key that this Node does not know is still a certificate. */
function publicKeyOf(certificate: NodeCertificate): KeyObject | undefined {
  try {
    return certificate.publicKey;
  } catch {
    return undefined;
  }
}

function namesOf(extension: SubjectAlternativeNameExtension | null): readonly string[] {
  return (extension?.names.toJSON() ?? []).flatMap(({ type, value }) =>
    type === "dns" ? [value.toLowerCase()] : type === "ip" ? [value] : [],
  );
}

/** What peers call them that have no name in WebCrypto. */
const OLD_SIGNATURES: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.2": "RSASSA-PKCS1-v1_5 with MD2",
  "1.2.840.113549.1.1.3": "RSASSA-PKCS1-v1_5 with MD4",
  "1.2.840.113549.1.1.4": "RSASSA-PKCS1-v1_5 with MD5",
  "1.2.840.10040.4.3": "DSA with SHA-1",
};

function signatureOf({ signatureAlgorithm }: X509Certificate): string {
  const { name, hash } = signatureAlgorithm as { name: string; hash?: string | { name: string } };
  const known = OLD_SIGNATURES[name] ?? name;
  return hash === undefined ? known : `${known} with ${typeof hash === "string" ? hash : hash.name}`;
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

/** The size that every curve has in its name: `secp384r1`, `prime256v1`, `brainpoolP512t1`. */
function curveBits(curve: string | undefined): number | undefined {
  const digits = /\d{3}/.exec(curve ?? "")?.[0];
  return digits === undefined ? undefined : Number(digits);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
