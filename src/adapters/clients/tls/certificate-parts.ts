import { createHash, type X509Certificate } from "node:crypto";
import { type Der, memberAt, membersOf, readDer, TAG } from "./der.ts";

/** What OCSP and CRLs name a certificate and its issuer by, byte for byte. */
export interface CertificateParts {
  /** The INTEGER's content. */
  readonly serial: Buffer;
  /** DER of the issuer's name. */
  readonly issuer: Buffer;
  /** Its two dates. */
  readonly validity: readonly Der[];
  /** Of its signature. */
  readonly algorithm: Der;
  /** DER of its own name. */
  readonly subject: Buffer;
  /** DER of its SubjectPublicKeyInfo. */
  readonly spki: Buffer;
  /** The bits of its public key, without what stands around them. */
  readonly keyBits: Buffer;
  /** DER of each extension's value, by the hex of its encoded OID. */
  readonly extensions: ReadonlyMap<string, Buffer>;
}

/** Throws where the certificate has another form than RFC 5280 gives it. */
export function certificateParts(certificate: X509Certificate): CertificateParts {
  const [body] = membersOf(readDer(certificate.raw));
  const members = membersOf(body as Der);
  // The version is left out for the first one.
  const skip = members[0]?.tag === 0xa0 ? 1 : 0;
  const spki = memberAt(members, skip + 5, TAG.sequence);
  return {
    serial: memberAt(members, skip, TAG.integer).content,
    issuer: memberAt(members, skip + 2, TAG.sequence).raw,
    validity: membersOf(memberAt(members, skip + 3, TAG.sequence)),
    algorithm: memberAt(members, skip + 1, TAG.sequence),
    subject: memberAt(members, skip + 4, TAG.sequence).raw,
    spki: spki.raw,
    keyBits: memberAt(membersOf(spki), 1, TAG.bits).content.subarray(1),
    extensions: extensionsOf(members.find(({ tag }) => tag === EXTENSIONS)),
  };
}

const EXTENSIONS = 0xa3;

function extensionsOf(wrapped: Der | undefined): ReadonlyMap<string, Buffer> {
  const list = wrapped === undefined ? [] : membersOf(readDer(wrapped.content));
  return new Map(
    list.flatMap((extension) => {
      const members = membersOf(extension);
      const value = members.at(-1);
      return value?.tag === TAG.octets
        ? [[memberAt(members, 0, TAG.oid).content.toString("hex"), value.content] as const]
        : [];
    }),
  );
}

export function sha1(bytes: Buffer): Buffer {
  return createHash("sha1").update(bytes).digest();
}
