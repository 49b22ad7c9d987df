import {
  hasOlder,
  lookAtEndpoints,
  type Served,
  servedBefore,
  standing,
} from "../../../core/certificates/standing.ts";
import { parseInstant } from "../../../core/model/instant.ts";
import type { ObservedVersion } from "../../../core/ports/rotator.ts";
import { currentVersion } from "../../../core/rotation/reconcile.ts";
import type { VersionFact } from "../../../core/state/status.ts";
import { handleOf, slotOf } from "./place.ts";
import { renewalWindow } from "./renewal.ts";
import type { Site } from "./site.ts";

const UNSEEN: Served = { leaves: [], blind: [] };

/**
 * What became of the recorded versions, with the CA's renewal window for the one in use. Where there is no record yet,
 * it is what the endpoints serve; where they serve nothing, what the document says.
 */
export async function observe(
  site: Site,
  signal: AbortSignal,
  recorded: readonly VersionFact[] = [],
): Promise<readonly ObservedVersion[]> {
  site.recorded.clear();
  for (const fact of recorded) site.recorded.set(fact.handle, fact);
  const look = recorded.length === 0 || hasOlder(recorded);
  const served = look ? await servedNow(site, signal) : UNSEEN;
  if (recorded.length === 0) return beforeUs(site, served);
  const current = currentVersion(recorded);
  const renewal = current === undefined ? undefined : await renewalWindow(site, current, signal);
  return standing(recorded, served, handleOf, site.ports.clock.now()).map((version) =>
    renewal !== undefined && version.handle === current?.handle
      ? Object.assign({}, version, { renewal })
      : version,
  );
}

/** What the endpoints of the document serve. */
export async function servedNow({ endpoints, ports }: Site, signal: AbortSignal): Promise<Served> {
  return lookAtEndpoints(endpoints, ports.scanEndpoint, signal);
}

function beforeUs(site: Site, served: Served): readonly ObservedVersion[] {
  const found = servedBefore(served, handleOf, ({ facts, der }) =>
    der === undefined ? handleOf(facts) : slotOf(der),
  );
  return found.length > 0 ? found : [declaredVersion(site, served)];
}

/** Nothing is served, or nobody said where: what was there before us, if anything, ends as the document says. */
function declaredVersion({ declared }: Site, { blind }: Served): ObservedVersion {
  const handle = declared.handle ?? "declared";
  const expiresAt = declared.expiresAt === undefined ? undefined : parseInstant(declared.expiresAt);
  const unseen = blind.map(({ place, why }) => `; ${place}: ${why}`).join("");
  return {
    handle,
    slot: handle,
    live: true,
    reactivatable: false,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    note: `as the document says${unseen}`,
  };
}
