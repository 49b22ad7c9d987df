import { CreError } from "../../../core/model/errors.ts";
import { ROTATION_FIX, slotTaken } from "./issue.ts";
import { MASTER, placeOf } from "./place.ts";
import { rotatedPeriod } from "./policies.ts";
import { readClient } from "./sight.ts";
import { comesToWork } from "./sign-in.ts";
import { oldLives, type Site } from "./site.ts";
import { refuseUnfit, versionsIn } from "./versions.ts";

/**
 * Everything that can be known before a secret is made: the runner's login, the client, the right to change it, both
 * slots, the realm's policy, and that this runner can sign in as the client at all, with the secret that works now.
 * Whether Keycloak takes a second one is only known by trying: `issue` does, before anything depends on it.
 */
export async function preflight(site: Site, signal: AbortSignal): Promise<void> {
  refuseOwnLogin(site);
  const sight = refuseUnfit(site, await readClient(site, false, signal));
  const { clientId, connection } = site.provider;
  if (!sight.manageable) {
    throw new CreError("permission-missing", `the runner may not change ${placeOf(site)}`, {
      evidence: "Keycloak shows the client with «manage: false»",
      fix: `let the client of the connection ${connection} manage ${clientId} (.github/docs/keycloak-client.md)`,
    });
  }
  if (!sight.enabled) {
    throw new CreError("client-disabled", `${placeOf(site)} is disabled`, {
      fix: "enable it in the console, or retire this credential",
    });
  }
  const now = site.ports.clock.now();
  const versions = versionsIn(sight, now);
  const known = versions.filter(({ note }) => note !== undefined);
  if (known.length > 0 && known.length < versions.length) throw slotTaken(site, versions, false);
  await refusePolicy(site, signal);
  const current = versions.find(({ place, version }) => place === "current" && version.live);
  if (current === undefined) return;
  const refusal = await comesToWork(site, sight, current.placed.secret, 1, signal);
  if (refusal === undefined) return;
  throw new CreError("sign-in-refused", `Keycloak does not let this runner sign in as ${placeOf(site)}`, {
    evidence: `${refusal.evidence}; that was with the client's current secret`,
    fix: "look into the login events of the realm: a client policy, mutual TLS or a network rule may want more than the secret",
  });
}

/** It would replace the secret that it works with, in the middle of its work. */
function refuseOwnLogin(site: Site): void {
  const { provider, connection } = site;
  if (provider.clientId !== connection.clientId || provider.realm !== (connection.realm ?? MASTER)) return;
  throw new CreError("own-login", `the runner signs in as ${placeOf(site)}, whose secret it would rotate`, {
    fix: "give the connection another client, or rotate this one over another connection",
  });
}

async function refusePolicy(site: Site, signal: AbortSignal): Promise<void> {
  const period = await rotatedPeriod(site, signal);
  if (period === "none") {
    throw new CreError("rotation-off", `no policy lets ${placeOf(site)} have two secrets`, {
      evidence: "the realm has no client policy in force with the executor secret-rotation",
      fix: ROTATION_FIX,
    });
  }
  const wanted = oldLives(site);
  if (period === "unreadable" || period.seconds >= wanted) return;
  const allowed = Math.floor(period.seconds / 3600);
  throw new CreError(
    "old-lives-too-long",
    `the realm's policy wants the former secret of ${placeOf(site)} gone sooner than this document`,
    {
      evidence: `the client policy ${JSON.stringify(period.policy)} lets a rotated secret live for ${period.seconds} s, and oldLives is ${wanted} s`,
      fix:
        allowed < 1
          ? "raise «Rotated Secret expiration» in the policy's profile: two secrets have to live beside each other for a while"
          : `write oldLives: ${allowed}h and a gracePeriod below it, or raise «Rotated Secret expiration» in the policy's profile`,
    },
  );
}
