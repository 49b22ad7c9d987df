import { EffectError } from "../../../core/model/errors.ts";
import { type Instant, instantOf } from "../../../core/model/instant.ts";
import { Secret } from "../../../core/model/secret.ts";
import type { Issued, Mark, ObservedVersion } from "../../../core/ports/rotator.ts";
import { refuseStale, sameVersion } from "../../../core/rotation/fence.ts";
import { keyTag } from "../../clients/aws/key-tag.ts";
import { inDoubt } from "../../clients/in-doubt.ts";
import { intentIn, type Key, readUser, type UserSight } from "./keys.ts";
import { lastUseOf, useText } from "./last-use.ts";
import { INTENT_TAG, readMark, taggedKey, writeIntent } from "./mark.ts";
import { change, placeOf, type Site } from "./site.ts";
import { dropTags, putIntent, putMark } from "./tags.ts";
import { untilVisible } from "./visible.ts";

/** A user has at most two keys (IAM quota, which cannot be raised). */
const SLOTS = 2;

/**
 * Makes a key for this attempt. The intent stands in the user's tags before, the mark after, so that a key whose maker
 * died is known as ours; CreateAccessKey is sent once, because IAM has no token that would make a second one harmless.
 */
export async function issueKey(
  site: Site,
  mark: Mark,
  occupied: readonly ObservedVersion[],
  signal: AbortSignal,
): Promise<Issued> {
  const sight = await readUser(site, signal);
  await refuseTaken(site, sight, occupied, signal);
  refuseNewer(site, sight, mark);
  await dropTags(site, "make", staleTags(sight), signal);
  const intent = { mark, since: site.ports.clock.now(), before: sight.keys.map(({ id }) => id) };
  await putIntent(site, intent, signal);
  const written = writeIntent(intent);
  await untilVisible(site, "a key is to be made", ({ tags }) => tags.get(INTENT_TAG) === written, signal);
  const key = await createKey(site, signal);
  await markNew(site, key.id, mark, signal);
  return {
    handle: key.id,
    slot: key.id,
    createdAt: key.createdAt,
    parts: new Map([
      ["accessKeyId", new Secret(key.id)],
      ["secretAccessKey", key.secret],
    ]),
  };
}

interface NewKey {
  readonly id: string;
  readonly secret: Secret;
  readonly createdAt: Instant;
}

async function createKey(site: Site, signal: AbortSignal): Promise<NewKey> {
  try {
    const { AccessKey: key } = await change(
      site,
      "make",
      "iam:CreateAccessKey",
      signal,
      async (iam, options) => iam.createAccessKey({ UserName: site.user }, options),
    );
    const { AccessKeyId, SecretAccessKey, CreateDate } = key ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined || CreateDate === undefined) {
      throw new EffectError("unknown", "no-answer", `${placeOf(site)} did not say which key it made`);
    }
    return {
      id: AccessKeyId,
      secret: new Secret(SecretAccessKey),
      createdAt: instantOf(Math.floor(CreateDate.getTime() / 1000)),
    };
  } catch (error) {
    const failure = createFailure(site, error);
    // Nothing was made, so a key that appears now is not ours.
    if (failure instanceof EffectError && failure.outcome === "refused") {
      await dropTags(site, "make", [INTENT_TAG], signal).catch(() => undefined);
    }
    throw failure;
  }
}

function createFailure(site: Site, error: unknown): unknown {
  if (!(error instanceof EffectError) || !(error.evidence ?? "").startsWith("LimitExceeded")) return error;
  return new EffectError(
    "refused",
    "no-free-slot",
    `${placeOf(site)} has two access keys already: somebody else made one a moment ago`,
    {
      ...(error.evidence === undefined ? {} : { evidence: error.evidence }),
      fix: "find out who made it (CreateAccessKey in CloudTrail), and delete it or the one in use",
      retryable: false,
    },
  );
}

/** The key is there: whatever fails from here on leaves it to the probe, which finds it by the intent. */
async function markNew(site: Site, keyId: string, mark: Mark, signal: AbortSignal): Promise<void> {
  try {
    await putMark(site, "make", keyId, { mark, kind: "issued" }, signal);
    await dropTags(site, "make", [INTENT_TAG], signal);
    await untilVisible(
      site,
      `${keyId} was made`,
      ({ keys, tags }) =>
        keys.some(({ id }) => id === keyId) && tags.has(keyTag(keyId)) && !tags.has(INTENT_TAG),
      signal,
    );
  } catch (error) {
    throw inDoubt(error);
  }
}

/** Both slots are taken, or one by a key that the record does not know: says which it is, and who uses it. */
async function refuseTaken(
  site: Site,
  { keys }: UserSight,
  occupied: readonly ObservedVersion[],
  signal: AbortSignal,
): Promise<void> {
  const foreign = keys.filter(({ id }) => occupied.every(({ handle }) => handle !== id));
  if (foreign.length === 0 && keys.length < SLOTS) return;
  throw await slotsTaken(site, keys, signal, foreign.length === 0);
}

/** Why no key can be made: both keys, with what AWS knows of their use. */
export async function slotsTaken(
  site: Site,
  keys: readonly Key[],
  signal: AbortSignal,
  allOnRecord = false,
): Promise<EffectError> {
  const lines: string[] = [];
  for (const { id, active, createdAt } of keys) {
    const use = useText(await lastUseOf(site, id, signal));
    lines.push(`${id} (${active ? "active" : "inactive"}, made ${createdAt}, ${use})`);
  }
  return new EffectError(
    "refused",
    "slot-taken",
    `${placeOf(site)} has ${keys.length} access keys, and ${allOnRecord ? "both are on record" : "not all of them are on record"}: none is touched`,
    {
      evidence: lines.join("; "),
      fix: allOnRecord
        ? "find out who uses the key that this document is not about, and delete it"
        : "find out who uses the other key, and delete it; name the one that this document is about as `handle` before it is adopted",
      retryable: false,
    },
  );
}

function refuseNewer(site: Site, sight: UserSight, mark: Mark): void {
  const intent = intentIn(sight);
  if (!sameVersion(intent?.mark, mark)) refuseStale(placeOf(site), intent?.mark, mark.epoch);
  for (const { id } of sight.keys) {
    refuseStale(id, readMark(sight.tags.get(keyTag(id)))?.mark, mark.epoch);
  }
}

/** Marks of keys that are gone: a run died between the delete and the tag. */
function staleTags({ keys, tags }: UserSight): readonly string[] {
  return [...tags.keys()].filter((name) => {
    const keyId = taggedKey(name);
    return keyId !== undefined && keys.every(({ id }) => id !== keyId);
  });
}
