import { addTo, type Instant } from "../../../core/model/instant.ts";
import type { ObservedVersion, UseEvidence } from "../../../core/ports/rotator.ts";
import { COARSENESS, isOwnLook, lastUseOf, REPORTING_LAG, useText } from "./last-use.ts";
import type { Site } from "./site.ts";

/**
 * Whether a key was used since then, as GetAccessKeyLastUsed tells it: late, so that a use is proof and the lack of one
 * is only worth something when AWS has had the time to tell. Our own look at a new key is no use.
 */
export async function useOfKey(
  site: Site,
  version: ObservedVersion,
  since: Instant,
  signal: AbortSignal,
): Promise<UseEvidence> {
  const use = await lastUseOf(site, version.handle, signal);
  const detail = `${version.handle} was ${useText(use)}`;
  if (use !== undefined && addTo(use.at, COARSENESS) >= since && !isOwnLook(use, version.createdAt)) {
    return { kind: "used", at: use.at, detail };
  }
  const told = addTo(since, REPORTING_LAG);
  if (site.ports.clock.now() < told) {
    return { kind: "unknown", detail: `${detail}; AWS may tell of later uses until ${told}` };
  }
  return { kind: "silent", sampled: false, detail };
}
