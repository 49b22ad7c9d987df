import { CreError, EffectError } from "../../../core/model/errors.ts";
import { epochSeconds, type Instant, instantOf, parseInstant } from "../../../core/model/instant.ts";
import type { Evidence, ObservedVersion } from "../../../core/ports/rotator.ts";
import { rearrange } from "./change.ts";
import { placeOf } from "./place.ts";
import { CONTAINED, readClient, type Sight } from "./sight.ts";
import { signIn } from "./sign-in.ts";
import { type Site } from "./site.ts";
import { isLive, versionsIn } from "./versions.ts";

/** Seconds that access tokens are taken to live where nobody says how long. */
const LONGEST_TOKEN = 86_400;

/**
 * After an incident: what was minted with the secret outlives it. «Not before» of the client makes Keycloak refuse every
 * token from before this instant (refresh, introspection, userinfo); set once per version, for it also ends the sessions
 * of everybody else at this client. Services that only check signatures take an access token until its own end.
 */
export async function containSecret(
  site: Site,
  { handle }: ObservedVersion,
  since: Instant,
  signal: AbortSignal,
): Promise<readonly Evidence[]> {
  const sight = await readClient(site, true, signal);
  if (sight === undefined) {
    return [{ place: `secret ${handle}`, dead: true, detail: `${placeOf(site)} does not exist any more` }];
  }
  const left = versionsIn(sight, site.ports.clock.now()).find(({ version }) => version.handle === handle);
  const secret: Evidence = {
    place: `secret ${handle} of ${placeOf(site)}`,
    dead: left === undefined || !left.version.live,
    detail: left === undefined ? "gone" : left.version.live ? "still taken" : "deactivated",
  };
  const refused = await refuseTokens(site, sight, handle, since, signal);
  if (refused instanceof EffectError) {
    const detail = `${refused.message}${refused.fix === undefined ? "" : `; ${refused.fix}`}`;
    return [secret, { place: `tokens of ${placeOf(site)}`, dead: false, detail }];
  }
  return [
    secret,
    {
      place: `tokens of ${placeOf(site)}, at Keycloak`,
      dead: true,
      detail: `those from before ${refused} are refused (refresh, introspection, userinfo)`,
    },
    await elsewhere(site, sight, refused, signal),
  ];
}

/** Since when tokens count. */
async function refuseTokens(
  site: Site,
  sight: Sight,
  handle: string,
  since: Instant,
  signal: AbortSignal,
): Promise<Instant | EffectError> {
  const [done, time = ""] = (sight.contained ?? "").split(" ");
  const before = parseInstant(time);
  const from = site.api.byItsClock(since);
  if (done === handle && before !== undefined && before >= from && sight.notBefore >= epochSeconds(before)) {
    return before;
  }
  // By our own clock tokens from before would go on, or fresh ones would be refused, for as long as the two differ.
  const now = site.api.byItsClock(site.ports.clock.now());
  try {
    const fields = { notBefore: epochSeconds(now) };
    const attributes = { [CONTAINED]: `${handle} ${now}` };
    await rearrange(site, sight, { fields, attributes }, "refuse the tokens of", signal);
    return now;
  } catch (error) {
    if (error instanceof EffectError) return error;
    throw error;
  }
}

async function elsewhere(
  site: Site,
  sight: Sight,
  notBefore: Instant,
  signal: AbortSignal,
): Promise<Evidence> {
  const life = await tokenLife(site, sight, signal);
  const end = instantOf(epochSeconds(notBefore) + (life ?? LONGEST_TOKEN));
  const dead = site.api.byItsClock(site.ports.clock.now()) >= end;
  const known = life === undefined ? "nobody says how long they live: a day is assumed; " : "";
  return {
    place: `access tokens of ${placeOf(site)}, at services that only check signatures`,
    dead,
    detail: dead
      ? `the last of them ended at ${end}`
      : `${known}the last of them ends at ${end}; until then only the services themselves can refuse them`,
  };
}

/** Seconds that an access token of this client lives. */
async function tokenLife(site: Site, sight: Sight, signal: AbortSignal): Promise<number | undefined> {
  if (sight.tokenLife !== undefined) return sight.tokenLife;
  const { current } = sight;
  if (sight.serviceAccount && current !== undefined && isLive(current, site.ports.clock.now())) {
    const answer = await signIn(site, sight, current.secret, signal);
    if (answer.ok && answer.expiresIn !== undefined) return answer.expiresIn;
  }
  try {
    const realm = await site.api.send(
      { method: "GET", path: "", doing: "read the realm of", isEffect: false },
      signal,
    );
    const life =
      typeof realm === "object" && realm !== null && "accessTokenLifespan" in realm
        ? realm.accessTokenLifespan
        : undefined;
    return typeof life === "number" && Number.isSafeInteger(life) && life >= 0 ? life : undefined;
  } catch (error) {
    // The runner need not be allowed to read it.
    if (error instanceof CreError) return undefined;
    throw error;
  }
}
