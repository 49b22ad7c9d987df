import { CreError, EffectError } from "../../../core/model/errors.ts";
import { epochSeconds, instantOf } from "../../../core/model/instant.ts";
import { Secret } from "../../../core/model/secret.ts";
import type { Issued, Mark, ObservedVersion } from "../../../core/ports/rotator.ts";
import { refuseStale } from "../../../core/rotation/fence.ts";
import { inDoubt } from "../../clients/in-doubt.ts";
import { rearrange, type Wanted } from "./change.ts";
import { FIX } from "./fence.ts";
import type { VersionNote } from "./note.ts";
import { placeOf } from "./place.ts";
import { isSameSecret, newSecret } from "./secret-text.ts";
import { readClient, type Sight } from "./sight.ts";
import { comesToWork } from "./sign-in.ts";
import { oldLives, type Site } from "./site.ts";
import { refuseUnfit, type Seen, timeName, versionsIn } from "./versions.ts";

/** What lets two secrets live beside each other. */
export const ROTATION_FIX =
  "give the realm a client policy for this client whose profile has the executor secret-rotation, and start each node of Keycloak with the feature client-secret-rotation (kc.sh build --features=client-secret-rotation): .github/docs/keycloak-client.md";
/** Seconds that a new secret lives which is only being tried beside the current one. */
const TRIAL = 600;

/**
 * Makes a secret for this attempt, in two requests. The first puts it beside the current one, where nothing depends on
 * it: only when Keycloak takes it there is it known that two secrets can live here at all (the feature is
 * on, and a policy in force for this client). The second makes it the current one and the former the one beside it. Each is done as a whole or not at all,
 * with the marks, so that whoever comes later knows whose is what, and can put the former secret back.
 */
export async function issueSecret(
  site: Site,
  mark: Mark,
  occupied: readonly ObservedVersion[],
  signal: AbortSignal,
): Promise<Issued> {
  const before = await fitClient(site, signal);
  const former = standing(site, before, occupied);
  refuseNewer(site, before, mark);
  const now = epochSeconds(site.ports.clock.now());
  const secret = newSecret((length) => site.ports.random.bytes(length));
  const [tail = 0] = site.ports.random.bytes(1);
  const handle = `${timeName(now)}-${tail.toString(16).padStart(2, "0")}${mark.attempt.slice(-4)}`;
  const note: VersionNote = { handle, createdAt: now, mark };
  const fresh: Wanted = { secret, note, since: now, end: undefined };
  if (former !== undefined) await tryBeside(site, before, { ...fresh, end: now + TRIAL }, signal);
  try {
    if (former === undefined) {
      await rearrange(site, before, { current: fresh, rotated: "none" }, "make a new secret for", signal);
    } else await swap(site, before, fresh, former, signal);
    return await issuedNow(site, handle, secret, signal);
  } catch (error) {
    // It was tried already: what is there is for the probe.
    throw former === undefined && isRefusal(error) ? error : inDoubt(error);
  }
}

/** The version that works now, for which the new one must leave room; undefined where none does. */
function standing(site: Site, sight: Sight, occupied: readonly ObservedVersion[]): Seen | undefined {
  const versions = versionsIn(sight, site.ports.clock.now());
  const foreign = versions.filter(({ version }) => occupied.every(({ handle }) => handle !== version.handle));
  const beside = versions.find(
    ({ place, version }) => place === "rotated" && (version.live || version.reactivatable),
  );
  if (beside !== undefined || foreign.some(({ version }) => version.live)) {
    throw slotTaken(site, versions, foreign.length === 0);
  }
  return versions.find(({ place, version }) => place === "current" && version.live);
}

/** Why no secret can be made: both that are there. */
export function slotTaken(site: Site, versions: readonly Seen[], allOnRecord: boolean): EffectError {
  const lines = versions.map(({ place, version: { handle, live, expiresAt } }) => {
    const until = expiresAt === undefined ? "" : `, until ${expiresAt}`;
    return `${handle} (${place}${live ? "" : ", not taken now"}${until})`;
  });
  return new EffectError(
    "refused",
    "slot-taken",
    `${placeOf(site)} has ${versions.length === 1 ? "a secret" : "two secrets"}, ${allOnRecord ? "and both are on record" : "not all of them on record"}: a third would end one that may be in use`,
    {
      evidence: lines.join("; "),
      fix: allOnRecord
        ? "nothing, if a rotation is under way: it ends the former secret"
        : `${FIX}; give everybody who uses it the secret on record, and invalidate the rotated secret in the console`,
      retryable: false,
    },
  );
}

function refuseNewer(site: Site, sight: Sight, mark: Mark): void {
  for (const placed of [sight.current, sight.rotated]) {
    if (placed?.note === undefined || placed.note === "filler") continue;
    refuseStale(placeOf(site), placed.note.mark, mark.epoch);
  }
}

/** Puts the new secret beside the current one and signs in with it; takes it away again where that does not work. */
async function tryBeside(site: Site, sight: Sight, trial: Wanted, signal: AbortSignal): Promise<void> {
  await rearrange(site, sight, { rotated: trial }, "put a second secret beside the one of", signal);
  let refusal: Awaited<ReturnType<typeof comesToWork>>;
  try {
    refusal = await comesToWork(site, sight, trial.secret, 1, signal);
  } catch (error) {
    throw error instanceof CreError
      ? new EffectError("unknown", error.code, `could not try a second secret of ${placeOf(site)}`, {
          evidence: error.message,
        })
      : error;
  }
  if (refusal === undefined) return;
  try {
    await rearrange(site, sight, { rotated: "none" }, "take the second secret away from", signal);
  } catch (error) {
    throw inDoubt(error);
  }
  throw secondRefused(site, refusal.certain, refusal.evidence);
}

function secondRefused(site: Site, certain: boolean, evidence: string): EffectError {
  if (!certain) {
    return new EffectError("refused", "not-usable", `a second secret of ${placeOf(site)} did not sign in`, {
      evidence,
      fix: "nothing: it is gone again, and the next run tries another; the old one works as before",
    });
  }
  return new EffectError("refused", "rotation-off", `Keycloak takes no second secret for ${placeOf(site)}`, {
    evidence: `a second secret was put beside the current one, and did not sign in (${evidence}); it is gone again`,
    fix: ROTATION_FIX,
    retryable: false,
  });
}

/** The new secret becomes the current one. Looks once more before: whoever changed it meanwhile is not overruled. */
async function swap(
  site: Site,
  before: Sight,
  fresh: Wanted,
  former: Seen,
  signal: AbortSignal,
): Promise<void> {
  const sight = await fitClient(site, signal);
  const isAsLeft =
    before.id === sight.id &&
    isSecret(sight.current?.secret, former.placed.secret) &&
    isSecret(sight.rotated?.secret, fresh.secret);
  if (!isAsLeft) {
    throw new EffectError(
      "unknown",
      "changed-meanwhile",
      `somebody changed the secrets of ${placeOf(site)}`,
      {
        evidence: "the current or the second one is another than a moment ago",
        fix: FIX,
      },
    );
  }
  const { note, placed } = former;
  const own = placed.end;
  const end = Math.min(fresh.since + oldLives(site), own ?? Number.POSITIVE_INFINITY);
  const kept: Wanted = {
    secret: placed.secret,
    note: note === undefined ? undefined : { ...note, ...(own === undefined ? {} : { own }) },
    since: fresh.since,
    end,
  };
  await rearrange(site, sight, { current: fresh, rotated: kept }, "make the new secret current for", signal);
}

function isSecret(found: Secret | undefined, wanted: Secret): boolean {
  return found !== undefined && isSameSecret(found, wanted);
}

/** What has become of it, with the end that the realm's policy gives it. */
async function issuedNow(site: Site, handle: string, secret: Secret, signal: AbortSignal): Promise<Issued> {
  const made = versionsIn(await fitClient(site, signal), site.ports.clock.now()).find(
    ({ place, version }) => place === "current" && version.handle === handle,
  );
  if (made === undefined || !made.version.live) {
    throw new EffectError("unknown", "not-current", `${placeOf(site)} does not have the new secret`, {
      evidence: "Keycloak took the change, and shows another secret as the current one",
      fix: FIX,
    });
  }
  const { version } = made;
  return {
    handle,
    slot: version.slot,
    createdAt: version.createdAt ?? instantOf(epochSeconds(site.ports.clock.now())),
    ...(version.expiresAt === undefined ? {} : { expiresAt: version.expiresAt }),
    parts: new Map([
      ["clientId", new Secret(site.provider.clientId)],
      ["clientSecret", secret],
    ]),
  };
}

/** Every failure before the first change is a refusal. */
async function fitClient(site: Site, signal: AbortSignal): Promise<Sight> {
  const sight = await readClient(site, true, signal);
  try {
    return refuseUnfit(site, sight);
  } catch (error) {
    if (!(error instanceof CreError)) throw error;
    const { code, message, evidence, fix } = error;
    throw new EffectError("refused", code, message, {
      ...(evidence === undefined ? {} : { evidence }),
      ...(fix === undefined ? {} : { fix }),
      retryable: false,
    });
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof EffectError && error.outcome === "refused";
}
