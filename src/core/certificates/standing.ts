import { CreError } from "../model/errors.ts";
import type { Instant } from "../model/instant.ts";
import type { Evidence, ObservedVersion, UseEvidence } from "../ports/rotator.ts";
import { currentVersion } from "../rotation/reconcile.ts";
import type { VersionFact } from "../state/status.ts";
import type { CertificateFacts } from "./certificate.ts";
import { type Endpoint, endpointLabel, type ScanEndpoint } from "./endpoint.ts";

/**
 * What became of the versions of a certificate. No CA lists them: the record says which there are, and the places where
 * they are served say which of them visitors still meet. For every rotator of certificates.
 */

/** What one address of an endpoint serves. */
export interface ServedLeaf {
  /** For people: the endpoint, and the address where it has several. */
  readonly place: string;
  readonly facts: CertificateFacts;
  readonly der?: Uint8Array;
}

/** What the endpoints of a credential serve now. */
export interface Served {
  readonly leaves: readonly ServedLeaf[];
  /** Places where nobody could look, with why. */
  readonly blind: readonly { readonly place: string; readonly code: string; readonly why: string }[];
}

/** By what a certificate is known: its own fingerprint, or that of its key. */
export type HandleOf = (certificate: CertificateFacts) => string;

/** Looks at every address of every endpoint. Rejects only where the signal ends it. */
export async function lookAtEndpoints(
  endpoints: readonly Endpoint[],
  scan: ScanEndpoint,
  signal: AbortSignal,
): Promise<Served> {
  const looks = await Promise.all(endpoints.map(async (endpoint) => lookAt(endpoint, scan, signal)));
  return { leaves: looks.flatMap(({ leaves }) => leaves), blind: looks.flatMap(({ blind }) => blind) };
}

async function lookAt(endpoint: Endpoint, scan: ScanEndpoint, signal: AbortSignal): Promise<Served> {
  const scans = await scan(endpoint, signal);
  const leaves: ServedLeaf[] = [];
  const blind: Served["blind"][number][] = [];
  for (const one of scans) {
    const label = endpointLabel(endpoint);
    const place = scans.length === 1 ? label : `${label} at ${one.address}`;
    if ("failure" in one) {
      blind.push({ place, code: one.failure.code, why: one.failure.message });
      continue;
    }
    const [facts] = one.chain;
    if (facts === undefined) blind.push({ place, code: "nothing-shown", why: "no certificate was shown" });
    else leaves.push({ place, facts, ...(one.leaf === undefined ? {} : { der: one.leaf }) });
  }
  // A runner without IPv6 judges a name by the addresses that it can reach.
  return { leaves, blind: leaves.length > 0 ? blind.filter(({ code }) => code !== "no-route") : blind };
}

/**
 * Refuses a rotation whose end nobody could see: a place that may not be scanned, or a name that does not resolve. One
 * that is merely down may be up again by then.
 */
export function refuseUnseen(credential: string, { blind }: Served): void {
  const hidden = blind.filter(({ code }) => code === "not-allowed" || code === "unresolved");
  if (hidden.length === 0) return;
  throw new CreError(
    "endpoint-unseen",
    `${credential}: nobody could see whether the new certificate is served at ${hidden.map(({ place }) => place).join(", ")}`,
    {
      evidence: hidden.map(({ place, why }) => `${place}: ${why}`).join("; "),
      fix: "name it in `network.scan` of the settings, or correct `endpoints`",
    },
  );
}

/**
 * The recorded versions as they stand: the one in use, and one that was not promoted yet, live until their end; an older
 * one only while a place serves it, or may. `served` is needed where there is an older one.
 */
export function standing(
  recorded: readonly VersionFact[],
  served: Served,
  handleOf: HandleOf,
  now: Instant,
): readonly ObservedVersion[] {
  const current = currentVersion(recorded);
  return recorded.map((fact) => {
    const { handle, slot, createdAt, expiresAt, mark, notBefore } = fact;
    const isOld = fact.promoted && fact !== current;
    const mayBeServed =
      served.leaves.some(({ facts }) => handleOf(facts) === handle) || served.blind.length > 0;
    return {
      handle,
      slot,
      live: (expiresAt === undefined || now < expiresAt) && (!isOld || (fact.live && mayBeServed)),
      reactivatable: false,
      createdAt,
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(mark === undefined ? {} : { mark }),
      ...(notBefore === undefined ? {} : { notBefore }),
    };
  });
}

/** Whether a look at the endpoints can say more of recorded versions than the record does. */
export function hasOlder(recorded: readonly VersionFact[]): boolean {
  const current = currentVersion(recorded);
  return recorded.some((fact) => fact.promoted && fact !== current);
}

/** Certificates that were served before us, each once, with where. One that is past its end is served as well. */
export function servedBefore(
  { leaves }: Served,
  handleOf: HandleOf,
  slotOf: (leaf: ServedLeaf) => string,
): readonly ObservedVersion[] {
  const first = new Map<string, ServedLeaf>();
  for (const leaf of leaves) {
    const handle = handleOf(leaf.facts);
    if (!first.has(handle)) first.set(handle, leaf);
  }
  return [...first].map(([handle, leaf]) => {
    const places = leaves.filter(({ facts }) => handleOf(facts) === handle).map(({ place }) => place);
    const { notBefore, notAfter } = leaf.facts;
    return {
      handle,
      slot: slotOf(leaf),
      live: true,
      reactivatable: false,
      createdAt: notBefore,
      expiresAt: notAfter,
      notBefore,
      note: `served by ${places.join(", ")}`,
    };
  });
}

/** Old versions: in use while any place serves them. A place that cannot be seen may. */
export function servedAnywhere(
  { handle }: Pick<ObservedVersion, "handle">,
  { leaves, blind }: Served,
  handleOf: HandleOf,
  now: Instant,
): UseEvidence {
  const places = leaves.filter(({ facts }) => handleOf(facts) === handle).map(({ place }) => place);
  if (places.length > 0) return { kind: "used", at: now, detail: `served by ${places.join(", ")}` };
  if (blind.length > 0) {
    return { kind: "unknown", detail: `may be served where nobody could look: ${blindText(blind)}` };
  }
  return { kind: "silent", sampled: false, detail: "served nowhere" };
}

/** The new version: in use once every address of every endpoint serves it. `known`: handles of those before it. */
export function servedEverywhere(
  { handle }: Pick<ObservedVersion, "handle">,
  { leaves, blind }: Served,
  handleOf: HandleOf,
  known: ReadonlySet<string>,
  now: Instant,
): UseEvidence {
  const others = leaves.flatMap(({ place, facts }) => {
    const served = handleOf(facts);
    if (served === handle) return [];
    const whose = known.has(served) ? "the old one" : "another one";
    return [`${place} serves ${whose} (serial ${facts.serial}, until ${facts.notAfter})`];
  });
  if (others.length === 0 && blind.length === 0 && leaves.length > 0) {
    return {
      kind: "used",
      at: now,
      detail: `served by ${leaves.map(({ place }) => place).join(", ")}`,
    };
  }
  const detail = [...others, ...(blind.length === 0 ? [] : [blindText(blind)])].join("; ");
  return { kind: "silent", sampled: true, detail };
}

/** After an incident: place by place, whether visitors still meet the burnt one. */
export function servedEvidence(
  { handle }: Pick<ObservedVersion, "handle">,
  { leaves, blind }: Served,
  handleOf: HandleOf,
): readonly Evidence[] {
  return [
    ...leaves.map(({ place, facts }) => {
      const dead = handleOf(facts) !== handle;
      return { place, dead, detail: dead ? "serves another certificate" : `still serves ${handle}` };
    }),
    ...blind.map(({ place, why }) => ({ place, dead: false, detail: `may still serve it: ${why}` })),
  ];
}

function blindText(blind: Served["blind"]): string {
  return blind.map(({ place, why }) => `${place}: ${why}`).join("; ");
}
