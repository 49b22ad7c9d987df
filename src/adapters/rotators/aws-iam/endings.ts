import { EffectError } from "../../../core/model/errors.ts";
import type { Fence, Mark, ObservedVersion } from "../../../core/ports/rotator.ts";
import { refuseStale, sameVersion } from "../../../core/rotation/fence.ts";
import { keyTag } from "../../clients/aws/key-tag.ts";
import { inDoubt } from "../../clients/in-doubt.ts";
import { foreignMark, refuseForeign } from "./fence.ts";
import { intentIn, type MarkedKey, markedKeys, readUser, type UserSight } from "./keys.ts";
import { INTENT_TAG } from "./mark.ts";
import { change, isMissing, placeOf, type Site } from "./site.ts";
import { dropTags, putMark } from "./tags.ts";
import { untilVisible } from "./visible.ts";

/** Marks a key that was there before us. Idempotent for the same mark. */
export async function adoptKey(
  site: Site,
  version: ObservedVersion,
  mark: Mark,
  signal: AbortSignal,
): Promise<void> {
  const key = await present(site, version, signal);
  if (key.mark !== undefined && !sameVersion(key.mark.mark, mark)) {
    throw foreignMark(key.id, key.mark, undefined);
  }
  refuseStale(key.id, key.mark?.mark, mark.epoch);
  await putMark(site, "make", key.id, { mark, kind: "adopted" }, signal);
  await untilVisible(site, `${key.id} is marked`, ({ tags }) => tags.has(keyTag(key.id)), signal);
}

/** Inactive: reversible, the secret stays. Idempotent. */
export async function deactivateKey(
  site: Site,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  await switchKey(site, await present(site, version, signal), "Inactive", fence, signal);
}

/** Active again, with the same secret. Idempotent. */
export async function reactivateKey(
  site: Site,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  await switchKey(site, await present(site, version, signal), "Active", fence, signal);
}

/**
 * Deletes a key that is marked as ours, after it was made inactive and looked at once more. Absent is success. Nothing
 * brings a deleted key back.
 */
export async function revokeKey(
  site: Site,
  version: ObservedVersion,
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  const key = await find(site, version, signal);
  if (key !== undefined) {
    await switchKey(site, key, "Inactive", fence, signal);
    const again = await find(site, version, signal);
    if (again !== undefined) {
      refuseForeign(again.id, again.mark, fence);
      if (again.active) {
        throw new EffectError(
          "refused",
          "active-again",
          `the key ${again.id} was made active again meanwhile`,
          {
            fix: `find out who did that (UpdateAccessKey in CloudTrail), then: cre retry ${site.credential}`,
          },
        );
      }
      await deleteKey(site, again.id, signal);
    }
  }
  const left = await untilVisible(
    site,
    `${version.handle} is gone`,
    ({ keys }) => keys.every(({ id }) => id !== version.handle),
    signal,
  );
  await tidyUp(site, tagsOf(left, version, fence), signal);
}

/** The key is gone already: failing at this is no refusal any more. */
async function tidyUp(site: Site, tags: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    await dropTags(site, "end", tags, signal);
  } catch (error) {
    throw inDoubt(error);
  }
}

async function deleteKey(site: Site, keyId: string, signal: AbortSignal): Promise<void> {
  try {
    await change(site, "end", "iam:DeleteAccessKey", signal, async (iam, options) =>
      iam.deleteAccessKey({ UserName: site.user, AccessKeyId: keyId }, options),
    );
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** The mark of a key that is gone, and the intent that made it if that still stands. */
function tagsOf(sight: UserSight, { handle }: ObservedVersion, { expected, next }: Fence): readonly string[] {
  const intent = intentIn(sight)?.mark;
  const made = sameVersion(intent, expected) || sameVersion(intent, next);
  return [keyTag(handle), ...(made ? [INTENT_TAG] : [])].filter((name) => sight.tags.has(name));
}

async function switchKey(
  site: Site,
  key: MarkedKey,
  status: "Active" | "Inactive",
  fence: Fence,
  signal: AbortSignal,
): Promise<void> {
  refuseForeign(key.id, key.mark, fence);
  await putMark(site, "end", key.id, { mark: fence.next, kind: key.mark?.kind ?? "adopted" }, signal);
  const wanted = status === "Active";
  if (key.active === wanted) return;
  await change(site, "end", "iam:UpdateAccessKey", signal, async (iam, options) =>
    iam.updateAccessKey({ UserName: site.user, AccessKeyId: key.id, Status: status }, options),
  );
  await untilVisible(
    site,
    `${key.id} is ${status.toLowerCase()}`,
    ({ keys }) => keys.some(({ id, active }) => id === key.id && active === wanted),
    signal,
  );
}

async function find(
  site: Site,
  version: ObservedVersion,
  signal: AbortSignal,
): Promise<MarkedKey | undefined> {
  const keys = await markedKeys(site, await readUser(site, signal), signal);
  return keys.find(({ id }) => id === version.handle);
}

async function present(site: Site, version: ObservedVersion, signal: AbortSignal): Promise<MarkedKey> {
  const key = await find(site, version, signal);
  if (key !== undefined) return key;
  throw new EffectError("refused", "version-gone", `${placeOf(site)} has no key ${version.handle}`, {
    fix: "find out who deleted it (DeleteAccessKey in CloudTrail)",
    retryable: false,
  });
}
