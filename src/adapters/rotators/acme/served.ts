import { type Endpoint, endpointLabel } from "../../../core/certificates/endpoint.ts";
import type { Instant } from "../../../core/model/instant.ts";
import type { ObservedVersion, UseEvidence } from "../../../core/ports/rotator.ts";
import { handleOf } from "./place.ts";
import type { Site } from "./site.ts";

/** What one address of an endpoint serves. */
export interface ServedLeaf {
  /** For people: the endpoint, and the address where it has several. */
  readonly place: string;
  readonly handle: string;
  readonly notBefore: Instant;
  readonly notAfter: Instant;
  readonly der?: Uint8Array;
}

/** What the endpoints of a credential serve now. */
export interface Served {
  readonly leaves: readonly ServedLeaf[];
  /** Places where nobody could look, with why. */
  readonly blind: readonly string[];
}

/** Looks at every address of every endpoint. Rejects only where the signal ends it. */
export async function lookAtEndpoints(site: Site, signal: AbortSignal): Promise<Served> {
  const looks = await Promise.all(site.endpoints.map(async (endpoint) => lookAt(site, endpoint, signal)));
  return { leaves: looks.flatMap(({ leaves }) => leaves), blind: looks.flatMap(({ blind }) => blind) };
}

async function lookAt({ ports }: Site, endpoint: Endpoint, signal: AbortSignal): Promise<Served> {
  const leaves: ServedLeaf[] = [];
  const blind: string[] = [];
  const scans = await ports.scanEndpoint(endpoint, signal);
  for (const scan of scans) {
    const place =
      scans.length === 1 ? endpointLabel(endpoint) : `${endpointLabel(endpoint)} at ${scan.address}`;
    if ("failure" in scan) {
      blind.push(`${place}: ${scan.failure.message}`);
      continue;
    }
    const [leaf] = scan.chain;
    if (leaf === undefined) {
      blind.push(`${place}: no certificate was shown`);
      continue;
    }
    const { fingerprint, notBefore, notAfter } = leaf;
    const der = scan.leaf === undefined ? {} : { der: scan.leaf };
    leaves.push({ place, handle: handleOf(fingerprint), notBefore, notAfter, ...der });
  }
  return { leaves, blind };
}

/** Old versions: in use while any place serves them. A place that cannot be seen may. */
export async function inUse(
  site: Site,
  { handle }: Pick<ObservedVersion, "handle">,
  signal: AbortSignal,
): Promise<UseEvidence> {
  const { leaves, blind } = await lookAtEndpoints(site, signal);
  const places = leaves.filter((leaf) => leaf.handle === handle).map(({ place }) => place);
  if (places.length > 0) {
    return { kind: "used", at: site.ports.clock.now(), detail: `served by ${places.join(", ")}` };
  }
  if (blind.length > 0) {
    return { kind: "unknown", detail: `may be served where nobody could look: ${blind.join("; ")}` };
  }
  return { kind: "silent", sampled: false, detail: "served nowhere" };
}

/** The new version: in use once every address of every endpoint serves it. */
export async function inUseEverywhere(
  site: Site,
  { handle }: Pick<ObservedVersion, "handle">,
  signal: AbortSignal,
): Promise<UseEvidence> {
  const { leaves, blind } = await lookAtEndpoints(site, signal);
  const others = leaves
    .filter((leaf) => leaf.handle !== handle)
    .map((leaf) => `${leaf.place} serves ${describedLeaf(site, leaf)}`);
  if (others.length === 0 && blind.length === 0 && leaves.length > 0) {
    const places = leaves.map(({ place }) => place).join(", ");
    return { kind: "used", at: site.ports.clock.now(), detail: `served by ${places}` };
  }
  return { kind: "silent", sampled: true, detail: [...others, ...blind].join("; ") };
}

function describedLeaf({ recorded }: Site, { handle, notAfter }: ServedLeaf): string {
  const whose = recorded.has(handle) ? "the old one" : "another one";
  return `${whose} (${handle.slice(0, 23)}…, until ${notAfter})`;
}
