import { createHash, type KeyObject, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { CertificateFacts } from "../../../core/certificates/certificate.ts";
import { canonicalName } from "../../../core/certificates/server-name.ts";
import { type Instant, instantOf } from "../../../core/model/instant.ts";
import { certificateParts } from "./certificate-parts.ts";
import { type Der, epochOf, membersOf, readDer, TAG } from "./der.ts";
import { signatureName } from "./signature-name.ts";

/**
 * The public facts of a DER or PEM certificate. Rejects with the parser's error where it is none. Node and a reader of
 * DER, since a scan reads thousands and a whole library takes ten times as long; a test holds the facts against it.
 */
export async function certificateFacts(encoded: Uint8Array | string): Promise<CertificateFacts> {
  return factsOf(new X509Certificate(encoded));
}

/** The same of one that Node has read already. Throws where it has another form than RFC 5280 gives it. */
export function factsOf(certificate: X509Certificate): CertificateFacts {
  const key = publicKeyOf(certificate);
  const details = key?.asymmetricKeyDetails;
  const bits = details?.modulusLength ?? curveBits(details?.namedCurve);
  const { serial, validity, algorithm, spki, extensions } = certificateParts(certificate);
  return {
    subject: nameText(certificate.subject),
    issuer: nameText(certificate.issuer),
    names: namesIn(extensions.get(ALTERNATIVE_NAMES)),
    serial: serial.toString("hex").replace(/^(00)+(?=.)/, ""),
    notBefore: instantAt(validity[0]),
    notAfter: instantAt(validity[1]),
    keyType: typeOf(key?.asymmetricKeyType),
    ...(bits === undefined ? {} : { keyBits: bits }),
    signature: signatureName(algorithm),
    spki: sha256(spki),
    fingerprint: sha256(certificate.raw),
    isAuthority: isAuthority(extensions.get(BASIC_CONSTRAINTS)),
  };
}

/** As Node writes it, one part on each line, on one line; a name may be empty. */
export function nameText(name: string | undefined): string {
  return (name ?? "").split("\n").join(", ");
}

function instantAt(time: Der | undefined): Instant {
  const at = time === undefined ? undefined : epochOf(time);
  if (at === undefined) throw new Error("the certificate has a date that is none");
  return instantOf(at);
}

/** OIDs of extensions as they are encoded. */
const ALTERNATIVE_NAMES = "551d11";
const BASIC_CONSTRAINTS = "551d13";
const TAG_DNS = 0x82;
const TAG_ADDRESS = 0x87;

function namesIn(extension: Buffer | undefined): readonly string[] {
  if (extension === undefined) return [];
  return membersOf(readDer(extension)).flatMap(({ tag, content }) => {
    if (tag === TAG_DNS) return [nameIn(content.toString("latin1").toLowerCase())];
    return tag === TAG_ADDRESS ? addressOf(content) : [];
  });
}

/** An address with the type of a name is for nobody (RFC 9525 6.5), and must not be taken for one. */
function nameIn(name: string): string {
  return isIP(name) === 0 ? name : `DNS:${name}`;
}

/** Four bytes are IPv4, sixteen IPv6, here in its shortest form; anything else is no address. */
function addressOf(bytes: Buffer): readonly string[] {
  if (bytes.length === 4) return [[...bytes].join(".")];
  if (bytes.length !== 16) return [];
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  return [canonicalName(groups.join(":"))];
}

function isAuthority(extension: Buffer | undefined): boolean {
  const first = extension === undefined ? undefined : membersOf(readDer(extension))[0];
  return first?.tag === TAG.boolean && first.content[0] !== 0;
}

/** A kind of key that this Node does not know is still a certificate. */
function publicKeyOf(certificate: X509Certificate): KeyObject | undefined {
  try {
    return certificate.publicKey;
  } catch {
    return undefined;
  }
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
