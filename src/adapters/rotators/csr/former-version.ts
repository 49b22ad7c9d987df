import type { Instant } from "../../../core/model/instant.ts";
import type { ObservedVersion } from "../../../core/ports/rotator.ts";
import { chainIn } from "./collect.ts";
import { handleOf } from "./request.ts";
import type { CertificateSource } from "./source.ts";

/** Where nothing is on record and nothing is scanned: the certificate that people have put down before this tool came. */
export async function formerVersion(
  { lies }: CertificateSource,
  now: Instant,
): Promise<readonly ObservedVersion[]> {
  const pem = lies?.();
  const chain = pem === undefined ? undefined : await chainIn(pem);
  if (chain === undefined || typeof chain === "string") return [];
  const { notBefore, notAfter: expiresAt, ...facts } = chain.leaf.facts;
  const handle = handleOf(facts);
  const live = expiresAt > now;
  return [{ handle, slot: handle, live, reactivatable: false, createdAt: notBefore, notBefore, expiresAt }];
}
