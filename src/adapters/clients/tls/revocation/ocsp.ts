import { X509Certificate } from "node:crypto";
import { type CertificateParts, certificateParts, sha1 } from "../certificate-parts.ts";
import { type Der, epochOf, memberAt, membersOf, readDer, TAG, writeDer } from "../der.ts";
import { isOver, isSignedBy, reasonText } from "./signed-statement.ts";

/** What an issuer says of a certificate. Times are seconds since 1970. */
export type Standing =
  | { readonly kind: "good" }
  | { readonly kind: "revoked"; readonly at: number; readonly reason: string | undefined };

const SHA1_ALGORITHM = Buffer.from("300906052b0e03021a0500", "hex");
const BASIC_RESPONSE = "2b0601050507300101";
const OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";

/** DER of the question after one certificate (RFC 6960), without a nonce so that caches may answer. */
export function ocspRequest(certificate: X509Certificate, issuer: X509Certificate): Buffer {
  const { serial } = certificateParts(certificate);
  const by = certificateParts(issuer);
  const id = writeDer(
    TAG.sequence,
    SHA1_ALGORITHM,
    writeDer(TAG.octets, sha1(by.subject)),
    writeDer(TAG.octets, sha1(by.keyBits)),
    writeDer(TAG.integer, serial),
  );
  const list = writeDer(TAG.sequence, writeDer(TAG.sequence, id));
  return writeDer(TAG.sequence, writeDer(TAG.sequence, list));
}

/**
 * What a response says of this certificate, if its issuer, or a responder that the issuer appointed, signed it.
 * Undefined: it says nothing of it, or cannot be believed. A good word holds until the next one is due at `now`, since
 * anybody can keep one from before; what was revoked stays so.
 */
export function standingIn(
  response: Buffer,
  certificate: X509Certificate,
  issuer: X509Certificate,
  now: number,
): Standing | undefined {
  try {
    const basic = basicResponse(response);
    if (basic === undefined) return undefined;
    const [data, algorithm, signature, more] = membersOf(basic);
    if (data === undefined || !isBelieved(data, algorithm, signature, more, issuer)) return undefined;
    const parts = certificateParts(certificate);
    const by = certificateParts(issuer);
    const list = membersOf(data).find(({ tag }) => tag === TAG.sequence);
    const single = (list === undefined ? [] : membersOf(list)).find((one) => isAbout(one, parts, by));
    return single === undefined ? undefined : standingOf(membersOf(single), now);
  } catch {
    return undefined;
  }
}

function basicResponse(response: Buffer): Der | undefined {
  const [status, wrapped] = membersOf(readDer(response));
  if (status?.tag !== TAG.enumerated || status.content[0] !== 0 || wrapped?.tag !== 0xa0) return undefined;
  const [type, bytes] = membersOf(readDer(wrapped.content));
  if (type?.content.toString("hex") !== BASIC_RESPONSE || bytes?.tag !== TAG.octets) return undefined;
  return readDer(bytes.content);
}

function isBelieved(
  data: Der,
  algorithm: Der | undefined,
  signature: Der | undefined,
  more: Der | undefined,
  issuer: X509Certificate,
): boolean {
  if (isSignedBy(data, algorithm, signature, issuer)) return true;
  if (more?.tag !== 0xa0) return false;
  return membersOf(readDer(more.content)).some(({ raw }) => {
    const responder = new X509Certificate(raw);
    // Undefined where it has no such extension, whatever its type says.
    const uses: readonly string[] | undefined = responder.keyUsage;
    const appointed = (uses ?? []).includes(OCSP_SIGNING);
    const isOurs = appointed && responder.checkIssued(issuer) && responder.verify(issuer.publicKey);
    return isOurs && isSignedBy(data, algorithm, signature, responder);
  });
}

/** Responders answer in SHA-1, as asked; another hash in a stapled answer is none of ours. */
function isAbout(single: Der, parts: CertificateParts, issuer: CertificateParts): boolean {
  const id = membersOf(memberAt(membersOf(single), 0, TAG.sequence));
  return (
    memberAt(id, 1, TAG.octets).content.equals(sha1(issuer.subject)) &&
    memberAt(id, 2, TAG.octets).content.equals(sha1(issuer.keyBits)) &&
    memberAt(id, 3, TAG.integer).content.equals(parts.serial)
  );
}

function standingOf(single: readonly Der[], now: number): Standing | undefined {
  const [, status, , next] = single;
  if (status?.tag === 0x80) {
    const until = next?.tag === 0xa0 ? epochOf(readDer(next.content)) : undefined;
    return isOver(until, now) ? undefined : { kind: "good" };
  }
  if (status?.tag !== 0xa1) return undefined;
  const [time, reason] = membersOf(status);
  const at = time === undefined ? undefined : epochOf(time);
  if (at === undefined) return undefined;
  return {
    kind: "revoked",
    at,
    reason: reason?.tag === 0xa0 ? reasonText(readDer(reason.content)) : undefined,
  };
}
