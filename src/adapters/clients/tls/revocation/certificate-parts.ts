import { createHash, type X509Certificate } from "node:crypto";
import { type Der, memberAt, membersOf, readDer, TAG } from "./der.ts";

/** What OCSP and CRLs name a certificate and its issuer by, byte for byte. */
export interface CertificateParts {
  /** The INTEGER's content. */
  readonly serial: Buffer;
  /** DER of the issuer's name. */
  readonly issuer: Buffer;
  /** DER of its own name. */
  readonly subject: Buffer;
  /** The bits of its public key, without what stands around them. */
  readonly keyBits: Buffer;
}

/** Throws where the certificate has another form than RFC 5280 gives it. */
export function certificateParts(certificate: X509Certificate): CertificateParts {
  const [body] = membersOf(readDer(certificate.raw));
  const members = membersOf(body as Der);
  // The version is left out for the first one.
  const skip = members[0]?.tag === 0xa0 ? 1 : 0;
  const spki = membersOf(memberAt(members, skip + 5, TAG.sequence));
  return {
    serial: memberAt(members, skip, TAG.integer).content,
    issuer: memberAt(members, skip + 2, TAG.sequence).raw,
    subject: memberAt(members, skip + 4, TAG.sequence).raw,
    keyBits: memberAt(spki, 1, TAG.bits).content.subarray(1),
  };
}

export function sha1(bytes: Buffer): Buffer {
  return createHash("sha1").update(bytes).digest();
}
