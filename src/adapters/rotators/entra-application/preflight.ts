import { CreError, EffectError } from "../../../core/model/errors.ts";
import { isLive, readApplication } from "./application.ts";
import { removal } from "./endings.ts";
import { change, type Graph } from "./graph.ts";
import { slotsTaken } from "./issue.ts";
import { placeOf, type Site } from "./site.ts";
import { blindness } from "./use.ts";

/** The id of a client secret that no application has: asking to remove it tells whether one may, and changes nothing. */
const NO_KEY = "00000000-0000-0000-0000-000000000000";
/** Seconds that a new client secret has to live at least: a day, the shortest rotation. */
const SHORTEST_LIFETIME = 86_400;

/**
 * Everything that can be known before a client secret is made: the login, the application and its client secrets, and
 * the right to change them, asked by a request that cannot change anything. What the tenant's policies say of new client
 * secrets shows when one is made.
 */
export async function preflight(graph: Graph, signal: AbortSignal): Promise<void> {
  const { site } = graph;
  refuseOwnLogin(site);
  if (site.lifetime < SHORTEST_LIFETIME) {
    throw new CreError(
      "lifetime-too-short",
      `new client secrets of ${placeOf(site)} would live ${site.lifetime} s`,
      {
        fix: "let `lifetime` be at least 1d, and longer than the policy's `rotateWithin`",
      },
    );
  }
  const { passwords } = await readApplication(graph, signal);
  const live = passwords.filter((password) => isLive(password, site.ports.clock.now()));
  const known = live.filter(({ mark }) => mark !== undefined);
  if (known.length > 0 && known.length < live.length) throw slotsTaken(site, live);
  await askRight(graph, signal);
  await warnOfBlindness(graph, signal);
}

/** It would lock itself out in mid-rotation. */
function refuseOwnLogin(site: Site): void {
  if (site.connection.clientId.toLowerCase() !== site.applicationId.toLowerCase()) return;
  throw new CreError(
    "own-login",
    `the runner signs in as ${placeOf(site)}, whose client secret it would replace`,
    {
      fix: "let this application be rotated through a connection that signs in as another client, or let the connection sign in by `federated: true` and retire the client secret",
    },
  );
}

/** Refused for lack of the client secret, and not for lack of the right. */
async function askRight(graph: Graph, signal: AbortSignal): Promise<void> {
  try {
    await change(graph, removal(graph, NO_KEY), signal);
  } catch (error) {
    const isLackOfIt =
      error instanceof EffectError && (error.code === "refused" || error.code === "application-missing");
    if (!isLackOfIt) throw error;
  }
}

async function warnOfBlindness(graph: Graph, signal: AbortSignal): Promise<void> {
  const { site } = graph;
  if (site.connection.signInActivity !== true) return;
  const why = await blindness(graph, signal);
  if (why === undefined) return;
  site.ports.progress.warn(`nobody can tell whether client secrets of ${placeOf(site)} are used: ${why}`, {
    credential: site.credential,
  });
}
