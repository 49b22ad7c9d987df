import { titleOf } from "../certificates/judge.ts";
import type { Instant } from "../model/instant.ts";
import type { Served, ServedCertificate, ServedPlace } from "../state/served.ts";
import type { VersionFact } from "../state/status.ts";

/** When what is served ends, as people are told it. */
export interface ServedEnd {
  readonly at: Instant;
  readonly source: string;
  /** From when on the certificate is valid that is served there. */
  readonly since: Instant;
}

/** A chain that is served somewhere, with its certificates. */
export interface ServedAt {
  readonly place: ServedPlace;
  readonly chain: ServedPlace["chains"][number];
  readonly leaf: ServedCertificate;
  /** The leaf first. */
  readonly certificates: readonly ServedCertificate[];
}

/** Every chain of every place. */
export function chainsServed(served: Served | undefined): readonly ServedAt[] {
  if (served === undefined) return [];
  const known = new Map(served.certificates.map((certificate) => [certificate.fingerprint, certificate]));
  return served.places.flatMap((place) =>
    place.chains.flatMap((chain) => {
      const certificates = chain.chain.flatMap((fingerprint) => known.get(fingerprint) ?? []);
      const [leaf] = certificates;
      return leaf === undefined ? [] : [{ place, chain, leaf, certificates }];
    }),
  );
}

/** Whether a certificate is the one of a version, whose handle names it, its key, or its serial. */
export function isVersion(
  { handle }: Pick<VersionFact, "handle">,
  { fingerprint, spki, serial }: ServedCertificate,
): boolean {
  return handle.endsWith(fingerprint) || handle.endsWith(spki) || handle.toLowerCase() === serial;
}

/** A version that some place serves. */
export function isServed(version: VersionFact, served: Served | undefined): boolean {
  return chainsServed(served).some(({ leaf }) => isVersion(version, leaf));
}

/**
 * The earliest end in all that is served: an intermediate that ends before the leaf breaks it as well. With `inUse`
 * only where that version is served: another certificate that some place serves does not become better by a rotation,
 * and is told as a finding instead.
 */
export function servedEnd(served: Served | undefined, inUse: VersionFact | undefined): ServedEnd | undefined {
  let earliest: { readonly at: ServedAt; readonly certificate: ServedCertificate } | undefined;
  for (const at of chainsServed(served)) {
    if (inUse !== undefined && !isVersion(inUse, at.leaf)) continue;
    for (const certificate of at.certificates) {
      if (earliest === undefined || certificate.notAfter < earliest.certificate.notAfter) {
        earliest = { at, certificate };
      }
    }
  }
  if (earliest === undefined) return undefined;
  const { at, certificate } = earliest;
  const what = certificate === at.leaf ? "the certificate" : `${titleOf(certificate)} in the chain`;
  return {
    at: certificate.notAfter,
    source: `end of ${what} at ${at.place.place}`,
    since: at.leaf.notBefore,
  };
}

/** From when on the oldest of the certificates that are served is valid. */
export function servedSince(served: Served | undefined): Instant | undefined {
  return chainsServed(served)
    .map(({ leaf }) => leaf.notBefore)
    .toSorted()[0];
}
