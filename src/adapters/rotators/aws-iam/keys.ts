import { addTo, type Instant, instantOf } from "../../../core/model/instant.ts";
import type { ObservedVersion } from "../../../core/ports/rotator.ts";
import { keyTag } from "../../clients/aws/key-tag.ts";
import { isOwnLook, type LastUse, lastUseOf, useText } from "./last-use.ts";
import { INTENT_TAG, type IssueIntent, type KeyMark, readIntent, readMark } from "./mark.ts";
import { ask, type Site } from "./site.ts";

/** How far AWS's clock and ours may be apart, in seconds, when a key's age is compared with an intent. */
const SKEW = 120;
/** How long after its intent a key can still be made: the limit of an effect and of one request, in seconds. */
const MAKING = 120;

/** A key of the user as IAM shows it. */
export interface Key {
  readonly id: string;
  readonly active: boolean;
  readonly createdAt: Instant;
}

/** A key with the mark that the user's tags give it. */
export interface MarkedKey extends Key {
  readonly mark: KeyMark | undefined;
  /** Asked only for keys without a tag of their own. */
  readonly lastUse: LastUse | "not asked" | undefined;
}

/** The user's keys and tags at one moment. */
export interface UserSight {
  readonly keys: readonly Key[];
  readonly tags: ReadonlyMap<string, string>;
}

/** ListAccessKeys and ListUserTags. Rejects with EffectError. */
export async function readUser(site: Site, signal: AbortSignal): Promise<UserSight> {
  return { keys: await listKeys(site, signal), tags: await listTags(site, signal) };
}

async function listKeys(site: Site, signal: AbortSignal): Promise<readonly Key[]> {
  const list = await inParts(async (part) => {
    const { AccessKeyMetadata: keys = [], ...rest } = await ask(
      site,
      "iam:ListAccessKeys",
      signal,
      async (iam, options) => iam.listAccessKeys({ UserName: site.user, ...part }, options),
    );
    return { items: keys, ...rest };
  });
  return list.flatMap(({ AccessKeyId: id, Status, CreateDate }) => {
    if (id === undefined || CreateDate === undefined) return [];
    const createdAt = instantOf(Math.floor(CreateDate.getTime() / 1000));
    return [{ id, active: Status === "Active", createdAt }];
  });
}

async function listTags(site: Site, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const tags = await inParts(async (part) => {
    const { Tags: items = [], ...rest } = await ask(site, "iam:ListUserTags", signal, async (iam, options) =>
      iam.listUserTags({ UserName: site.user, ...part }, options),
    );
    return { items, ...rest };
  });
  return new Map(tags.map(({ Key: name = "", Value: value = "" }) => [name, value]));
}

/**
 * IAM may answer any list in several parts, however short it is (API reference, `IsTruncated`): a mark that was left
 * out would make our own key a stranger's.
 */
async function inParts<T>(
  ask: (from: { readonly Marker?: string }) => Promise<{
    readonly items: readonly T[];
    readonly IsTruncated?: boolean | undefined;
    readonly Marker?: string | undefined;
  }>,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let from: { readonly Marker?: string } = {}; ; ) {
    const { items, IsTruncated: isPart, Marker: next } = await ask(from);
    all.push(...items);
    if (isPart !== true || next === undefined) return all;
    from = { Marker: next };
  }
}

/** The intent that the user's tags carry. */
export function intentIn({ tags }: UserSight): IssueIntent | undefined {
  return readIntent(tags.get(INTENT_TAG));
}

/**
 * The keys with their marks. A key that a run made and died before it could mark is known by the intent in the user's
 * tags: it is ours if it is the only one without a mark that was not there before, was made in the intent's interval,
 * and nobody but our own look has used it. Anything less certain carries no mark, and is touched by nobody.
 */
export async function markedKeys(
  site: Site,
  sight: UserSight,
  signal: AbortSignal,
): Promise<readonly MarkedKey[]> {
  const keys: MarkedKey[] = [];
  for (const key of sight.keys) {
    const mark = readMark(sight.tags.get(keyTag(key.id)));
    const lastUse = mark === undefined ? await lastUseOf(site, key.id, signal) : "not asked";
    keys.push({ ...key, mark, lastUse });
  }
  const intent = intentIn(sight);
  if (intent === undefined) return keys;
  const fresh = keys.filter((key) => mayBeOf(intent, key));
  const [only] = fresh;
  if (only === undefined || fresh.length > 1) return keys;
  const ours: MarkedKey = { ...only, mark: { mark: intent.mark, kind: "issued" } };
  return keys.map((key) => (key === only ? ours : key));
}

function mayBeOf({ since, before }: IssueIntent, { id, createdAt, mark, lastUse }: MarkedKey): boolean {
  if (mark !== undefined || lastUse === "not asked" || before.includes(id)) return false;
  if (createdAt < addTo(since, -SKEW) || createdAt > addTo(since, MAKING + SKEW)) return false;
  return lastUse === undefined || isOwnLook(lastUse, createdAt);
}

/** What the engine is shown of a key. */
export function versionOf({ id, active, createdAt, mark, lastUse }: MarkedKey): ObservedVersion {
  return {
    handle: id,
    slot: id,
    live: active,
    reactivatable: !active,
    createdAt,
    ...(mark === undefined ? {} : { mark: mark.mark }),
    ...(lastUse === "not asked" ? {} : { note: useText(lastUse) }),
  };
}
