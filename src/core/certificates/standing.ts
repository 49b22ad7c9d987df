import type { Instant } from "../model/instant.ts";
import type { ObservedVersion, UseEvidence } from "../ports/rotator.ts";
import { currentVersion } from "../rotation/reconcile.ts";
import type { VersionFact } from "../state/status.ts";
import type { CertificateFacts } from "./certificate.ts";
import { type AddressScan, type Endpoint, endpointLabel, endpointOf, type ScanEndpoint } from "./endpoint.ts";

/** What the addresses of one endpoint of a certificate show. */
export interface ServedAt {
  readonly endpoint: Endpoint;
  readonly scans: readonly AddressScan[];
}

/** By what a certificate provider knows its versions: the certificate's or its key's fingerprint. */
export type HandleOf = (certificate: CertificateFacts) => string;

/** Looks at every endpoint of a document. */
export async function lookAtEndpoints(
  entries: readonly (string | Endpoint)[],
  scan: ScanEndpoint,
  signal: AbortSignal,
): Promise<readonly ServedAt[]> {
  return Promise.all(
    entries.map(async (entry) => {
      const endpoint = endpointOf(entry);
      return { endpoint, scans: await scan(endpoint, signal) };
    }),
  );
}

interface Place {
  readonly label: string;
  /** Of what is served there; undefined: it could not be seen. */
  readonly leaf: CertificateFacts | undefined;
  readonly trouble: string;
}

function placesOf(served: readonly ServedAt[]): readonly Place[] {
  return served.flatMap(({ endpoint, scans }) =>
    scans.map((scan): Place => {
      const label = `${endpointLabel(endpoint)}${scan.address === "" ? "" : ` at ${scan.address}`}`;
      if ("failure" in scan) return { label, leaf: undefined, trouble: scan.failure.message };
      return { label, leaf: scan.chain[0], trouble: "it shows no certificate" };
    }),
  );
}

/**
 * The versions of a certificate. Nobody lists them: they are those on record, with what became of each, and what is
 * served although no record knows it. The version in use lives until its own end; an older one only while it is still
 * served somewhere, or may be where nobody could look; one that was never promoted while its rotation goes on.
 */
export function standing(
  recorded: readonly VersionFact[],
  served: readonly ServedAt[],
  handleOf: HandleOf,
  now: Instant,
): readonly ObservedVersion[] {
  const places = placesOf(served);
  const leaves = new Map(places.flatMap(({ leaf }) => (leaf === undefined ? [] : [[handleOf(leaf), leaf]])));
  const unseen = places.some(({ leaf }) => leaf === undefined);
  const current = currentVersion(recorded);
  const known = recorded.map((fact): ObservedVersion => {
    const leaf = leaves.get(fact.handle);
    const end = leaf?.notAfter ?? fact.expiresAt;
    const mayServe = fact === current || !fact.promoted || leaf !== undefined || unseen;
    const { handle, slot, createdAt, mark, notBefore } = fact;
    return {
      handle,
      slot,
      live: mayServe && (end === undefined || end > now),
      reactivatable: false,
      createdAt,
      ...(end === undefined ? {} : { expiresAt: end }),
      ...(leaf === undefined ? {} : { notBefore: leaf.notBefore }),
      ...(leaf === undefined && notBefore !== undefined ? { notBefore } : {}),
      ...(mark === undefined ? {} : { mark }),
    };
  });
  const strangers = [...leaves].filter(([handle]) => recorded.every((fact) => fact.handle !== handle));
  return [
    ...known,
    ...strangers.map(([handle, { notBefore, notAfter, serial }]) => ({
      handle,
      slot: handle,
      live: notAfter > now,
      reactivatable: false,
      createdAt: notBefore,
      notBefore,
      expiresAt: notAfter,
      note: `served, serial ${serial}`,
    })),
  ];
}

/** `used` once every address of every endpoint serves the version; else who serves what. */
export function servedEverywhere(
  version: ObservedVersion,
  served: readonly ServedAt[],
  handleOf: HandleOf,
  now: Instant,
): UseEvidence {
  const others = placesOf(served).flatMap(({ label, leaf, trouble }) => {
    if (leaf === undefined) return [`${label} cannot be seen: ${trouble}`];
    return handleOf(leaf) === version.handle ? [] : [`${label} serves another one (serial ${leaf.serial})`];
  });
  if (others.length === 0) return { kind: "used", at: now, detail: "every endpoint serves it" };
  return { kind: "silent", sampled: true, detail: others.join("; ") };
}

/** `used` while any address still serves the version. */
export function servedAnywhere(
  version: ObservedVersion,
  served: readonly ServedAt[],
  handleOf: HandleOf,
  now: Instant,
): UseEvidence {
  const places = placesOf(served);
  const where = places.filter(({ leaf }) => leaf !== undefined && handleOf(leaf) === version.handle);
  if (where.length > 0) {
    return { kind: "used", at: now, detail: `served by ${where.map(({ label }) => label).join(", ")}` };
  }
  const unseen = places.filter(({ leaf }) => leaf === undefined);
  if (unseen.length > 0) {
    const detail = unseen.map(({ label, trouble }) => `${label} cannot be seen: ${trouble}`).join("; ");
    return { kind: "unknown", detail };
  }
  return { kind: "silent", sampled: false, detail: "no endpoint serves it" };
}
