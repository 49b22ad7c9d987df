import { keyTag } from "../../clients/aws/key-tag.ts";
import { INTENT_TAG, type IssueIntent, type KeyMark, writeIntent, writeMark } from "./mark.ts";
import { change, type Hand, type Site } from "./site.ts";

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
  await change(site, hand, "iam:UntagUser", signal, async (iam, options) =>
    iam.untagUser({ UserName: site.user, TagKeys: [...names] }, options),
  );
}

async function put(site: Site, hand: Hand, name: string, value: string, signal: AbortSignal): Promise<void> {
  await change(site, hand, "iam:TagUser", signal, async (iam, options) =>
    iam.tagUser({ UserName: site.user, Tags: [{ Key: name, Value: value }] }, options),
  );
}
