import { addTo } from "../../../core/model/instant.ts";
import type { Evidence, ObservedVersion } from "../../../core/ports/rotator.ts";
import { isLive, readApplication } from "./application.ts";
import type { Graph } from "./graph.ts";
import { placeOf } from "./site.ts";

/** The longest that an access token lives by default, in seconds (Entra draws 60 to 90 minutes at random). */
const TOKEN = 90 * 60;
/** The longest where a policy or continuous access evaluation makes tokens live longer. */
const LONG_TOKEN = 24 * 3600;

/**
 * After an incident: whether the client secret can still sign in, and how long the tokens live that it got. Microsoft has
 * no request that ends the tokens of an application.
 */
export async function containSecret(
  graph: Graph,
  version: ObservedVersion,
  signal: AbortSignal,
): Promise<readonly Evidence[]> {
  const { site } = graph;
  const now = site.ports.clock.now();
  const { passwords } = await readApplication(graph, signal);
  const left = passwords.find(({ keyId }) => keyId === version.handle);
  const dead = left === undefined || !isLive(left, now);
  return [
    {
      place: `client secret ${version.handle}`,
      dead,
      detail: left === undefined ? "removed" : dead ? "expired" : "can still sign in",
    },
    {
      place: `tokens of ${placeOf(site)}`,
      dead: false,
      detail:
        `those it got live on until ${addTo(now, TOKEN)}, and where a policy or continuous access evaluation lengthens them ` +
        `until ${addTo(now, LONG_TOKEN)}: Microsoft has no request that ends them; if that is too long, disable the ` +
        `service principal (az ad sp update --id ${site.applicationId} --set accountEnabled=false), which stops the ` +
        "application itself as well, and look for its sign-ins in the tenant's logs",
    },
  ];
}
