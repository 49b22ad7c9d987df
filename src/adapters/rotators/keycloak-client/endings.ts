import { EffectError } from "../../../core/model/errors.ts";
import { epochSeconds } from "../../../core/model/instant.ts";
import type { Fence, Mark, ObservedVersion } from "../../../core/ports/rotator.ts";
import { foreignMark, refuseStale, sameVersion } from "../../../core/rotation/fence.ts";
import { rearrange, type Wanted } from "./change.ts";
import { FIX, refuseForeign } from "./fence.ts";
import type { VersionNote } from "./note.ts";
import { placeOf } from "./place.ts";
import { newSecret } from "./secret-text.ts";
import { readClient, type Sight } from "./sight.ts";
import { oldLives, type Site } from "./site.ts";
import { isLive, refuseUnfit, type Seen, versionsIn } from "./versions.ts";

/** An end in the past: 1970-01-01T00:00:01Z. */
const OVER = 1;

/** Marks a secret that was there before us. Idempotent for the same mark. */
export async function adoptSecret(
  site: Site,
  version: ObservedVersion,
  mark: Mark,
  signal: AbortSignal,
): Promise<void> {
  const { sight, seen } = await present(site, version, signal);
  const what = `the secret ${version.handle} of ${placeOf(site)}`;
  if (seen.note !== undefined && !sameVersion(seen.note.mark, mark)) {
    throw foreignMark(what, seen.note.mark, undefined, FIX);
  }
  refuseStale(what, seen.note?.mark, mark.epoch);
  await putMark(site, sight, seen, mark, signal);
}

/**
 * Keycloak takes it no more, and keeps it: its end in the slot beside the current one is set into the past. A secret that
 * is the current one changes places for that with the one beside it, or with one that nobody has. Idempotent.
 */
export async function deactivateSecret(
  site: Site,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  const { sight, seen } = await present(site, version, signal);
  refuseForeign(site, seen, fence);
  const { placed, place, note } = seen;
  if (note?.asleep !== undefined) return putMark(site, sight, seen, fence.next, signal);
  const now = epochSeconds(site.ports.clock.now());
  const marked = { ...(note ?? firstNote(site, seen)), mark: fence.next };
  const { secret, since = now } = placed;
  if (place === "rotated") {
    const asleep = { ...marked, asleep: placed.end ?? OVER };
    const rotated = { secret, note: asleep, since, end: OVER };
    return rearrange(site, sight, { rotated }, "deactivate the former secret of", signal);
  }
  const { rotated: beside } = sight;
  if (beside?.note !== undefined && beside.note !== "filler" && beside.note.asleep !== undefined) {
    throw new EffectError("refused", "slot-taken", `${placeOf(site)} has a deactivated secret already`, {
      evidence: `${beside.note.handle}; Keycloak keeps one beside the current one`,
      fix: "revoke that one first",
    });
  }
  const own = placed.end === undefined ? {} : { own: placed.end };
  const end = Math.min(placed.end ?? Number.POSITIVE_INFINITY, now + oldLives(site));
  const rotated = { secret, note: { ...marked, ...own, asleep: end }, since: now, end: OVER };
  const current = successor(site, sight);
  return rearrange(site, sight, { current, rotated }, "deactivate the current secret of", signal);
}

/** Live again, with the end that it had; the current one if that has no version in it. Idempotent. */
export async function reactivateSecret(
  site: Site,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  const { sight, seen } = await present(site, version, signal);
  refuseForeign(site, seen, fence);
  const { placed, note } = seen;
  if (note?.asleep === undefined) return putMark(site, sight, seen, fence.next, signal);
  const now = epochSeconds(site.ports.clock.now());
  const { asleep: end, own, ...rest } = note;
  const awake: VersionNote = { ...rest, mark: fence.next };
  if (end <= now) {
    throw new EffectError("refused", "past-end", `the secret ${version.handle} of ${placeOf(site)} is over`, {
      evidence: "Keycloak was told to take it no longer than that when it was replaced",
      fix: "make a new one: cre rotate",
      retryable: false,
    });
  }
  const { secret, since = now } = placed;
  if (sight.current?.note === "filler") {
    const current = { secret, note: awake, since: note.createdAt, end: own };
    return rearrange(site, sight, { current, rotated: "none" }, "reactivate the secret of", signal);
  }
  const rotated = { secret, note: { ...awake, ...(own === undefined ? {} : { own }) }, since, end };
  return rearrange(site, sight, { rotated }, "reactivate the former secret of", signal);
}

/**
 * Removes a secret for good. The one beside the current one just goes. In the place of the current one comes the one
 * beside it if that works: it was the current one before, its consumers notice nothing. Else one that nobody has. An
 * absent one is success.
 */
export async function revokeSecret(
  site: Site,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  const sight = await readClient(site, true, signal);
  const seen = sight && find(site, sight, version);
  // A client that is gone has no secrets.
  if (sight === undefined || seen === undefined) return;
  refuseForeign(site, seen, fence);
  refuseUnfit(site, sight);
  if (seen.place === "rotated") {
    return rearrange(site, sight, { rotated: "none" }, "remove the former secret of", signal);
  }
  const beside = sight.rotated?.note;
  const staysBeside = beside !== undefined && beside !== "filler" && beside.asleep !== undefined;
  const current = successor(site, sight);
  return rearrange(
    site,
    sight,
    { current, ...(staysBeside ? {} : { rotated: "none" }) },
    "replace the current secret of",
    signal,
  );
}

/** What takes the place of the current secret. */
function successor(site: Site, { rotated }: Sight): Wanted {
  const clock = site.ports.clock.now();
  const now = epochSeconds(clock);
  const note = rotated?.note;
  if (rotated !== undefined && note !== "filler" && isLive(rotated, clock)) {
    // Over as the current secret it would be replaced by Keycloak itself.
    if (note?.own === undefined || note.own > now) {
      return {
        secret: rotated.secret,
        note,
        since: note?.createdAt ?? rotated.since ?? now,
        end: note?.own,
      };
    }
  }
  const secret = newSecret((length) => site.ports.random.bytes(length));
  return { secret, note: "filler", since: now, end: undefined };
}

async function putMark(site: Site, sight: Sight, seen: Seen, mark: Mark, signal: AbortSignal): Promise<void> {
  const { placed, place, note } = seen;
  if (note !== undefined && sameVersion(note.mark, mark) && note.mark.epoch === mark.epoch) return;
  const marked = { ...placed, note: { ...(note ?? firstNote(site, seen)), mark } };
  await rearrange(site, { ...sight, [place]: marked }, {}, "mark a secret of", signal);
}

/** What is known of a secret that nobody has marked yet. */
function firstNote(site: Site, { version, placed }: Seen): Omit<VersionNote, "mark"> {
  const { since = epochSeconds(site.ports.clock.now()) } = placed;
  return { handle: version.handle, createdAt: since };
}

function find(site: Site, sight: Sight, { handle }: ObservedVersion): Seen | undefined {
  return versionsIn(sight, site.ports.clock.now()).find(({ version }) => version.handle === handle);
}

async function present(
  site: Site,
  version: ObservedVersion,
  signal: AbortSignal,
): Promise<{ readonly sight: Sight; readonly seen: Seen }> {
  const sight = await readClient(site, true, signal);
  const seen = sight && find(site, sight, version);
  if (sight === undefined || seen === undefined) {
    throw new EffectError("refused", "version-gone", `${placeOf(site)} has no secret ${version.handle}`, {
      fix: FIX,
      retryable: false,
    });
  }
  refuseUnfit(site, sight);
  return { sight, seen };
}
