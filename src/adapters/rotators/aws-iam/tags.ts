import { INTENT_TAG, type IssueIntent, type KeyMark, keyTag, writeIntent, writeMark } from "./mark.ts";
import { failureAt, type Hand, type Site } from "./site.ts";

/** Marks a key in the tags of its user. Idempotent. Rejects with EffectError. */
export async function putMark(
  site: Site,
  hand: Hand,
  keyId: string,
  mark: KeyMark,
  signal: AbortSignal,
): Promise<void> {
  await put(site, hand, keyTag(keyId), writeMark(mark), signal);
}

/** Says in the user's tags that a key is about to be made. */
export async function putIntent(site: Site, intent: IssueIntent, signal: AbortSignal): Promise<void> {
  await put(site, "make", INTENT_TAG, writeIntent(intent), signal);
}

/** Takes tags of ours away; those that are not there are fine. */
export async function dropTags(
  site: Site,
  hand: Hand,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (names.length === 0) return;
  const iam = await site.clients.acting(hand);
  try {
    await iam.untagUser({ UserName: site.user, TagKeys: [...names] }, { abortSignal: signal });
  } catch (error) {
    throw failureAt(site, error, "iam:UntagUser");
  }
}

async function put(site: Site, hand: Hand, name: string, value: string, signal: AbortSignal): Promise<void> {
  const iam = await site.clients.acting(hand);
  try {
    await iam.tagUser({ UserName: site.user, Tags: [{ Key: name, Value: value }] }, { abortSignal: signal });
  } catch (error) {
    throw failureAt(site, error, "iam:TagUser");
  }
}
