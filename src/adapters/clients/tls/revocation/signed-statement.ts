import { verify, type X509Certificate } from "node:crypto";
import { type Der, membersOf, TAG } from "../der.ts";

/** Digest by the OID of a signature algorithm; null: the algorithm brings its own. */
const DIGESTS: Readonly<Record<string, string | null>> = {
  "2a864886f70d010105": "sha1",
  "2a864886f70d01010b": "sha256",
  "2a864886f70d01010c": "sha384",
  "2a864886f70d01010d": "sha512",
  "2a8648ce3d040302": "sha256",
  "2a8648ce3d040303": "sha384",
  "2a8648ce3d040304": "sha512",
  "2b6570": null,
};

/** Whether `signature` (a BIT STRING) over `statement` was made with the key of `signer`. An unknown algorithm was not. */
export function isSignedBy(
  statement: Der,
  algorithm: Der | undefined,
  signature: Der | undefined,
  signer: X509Certificate,
): boolean {
  if (algorithm?.tag !== TAG.sequence || signature?.tag !== TAG.bits) return false;
  const digest = DIGESTS[membersOf(algorithm)[0]?.content.toString("hex") ?? ""];
  if (digest === undefined) return false;
  try {
    return verify(digest, statement.raw, signer.publicKey, signature.content.subarray(1));
  } catch {
    return false;
  }
}

/** Seconds that clocks may differ by. */
const SKEW = 300;

/** Whether a statement should have been followed by a newer one. One that does not say when is as good as any. */
export function isOver(nextUpdate: number | undefined, now: number): boolean {
  return nextUpdate !== undefined && nextUpdate + SKEW < now;
}

const REASONS = [
  "unspecified",
  "keyCompromise",
  "cACompromise",
  "affiliationChanged",
  "superseded",
  "cessationOfOperation",
  "certificateHold",
  "",
  "removeFromCRL",
  "privilegeWithdrawn",
  "aACompromise",
] as const;

/** The name that RFC 5280 gives a reason; undefined: none is given, or none that says anything. */
export function reasonText(enumerated: Der | undefined): string | undefined {
  if (enumerated?.tag !== TAG.enumerated) return undefined;
  const reason = REASONS[enumerated.content[0] ?? 0];
  return reason === "" || reason === "unspecified" ? undefined : reason;
}
