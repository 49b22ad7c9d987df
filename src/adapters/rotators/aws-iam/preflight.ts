import { CreError } from "../../../core/model/errors.ts";
import { keyTag } from "../../clients/aws/key-tag.ts";
import { slotsTaken } from "./issue.ts";
import { markedKeys, readUser, type UserSight } from "./keys.ts";
import { lastUseOf } from "./last-use.ts";
import { INTENT_TAG, readMark, taggedKey } from "./mark.ts";
import { refuseOwnLogin } from "./own-login.ts";
import { change, type Hand, isMissing, placeOf, type Site } from "./site.ts";
import { dropTags, putMark } from "./tags.ts";

/** An id that no key has: asking to change it tells whether one may, and changes nothing. */
const NO_KEY = "AKIA0000000000000000";
/** A tag that no user has. */
const NO_TAG = "cre/preflight";
/** How many tags a user can have (IAM quota), and how many of them are ours at most: two marks and an intent. */
const TAGS = { all: 50, ours: 3 } as const;

/**
 * Everything that can be known before a key is made: the login and its account, the user and its keys, and each right
 * that is needed later, asked by requests that cannot change anything. The right to make a key cannot be asked so: when
 * it is missing, its refusal is the first thing that happens.
 */
export async function preflight(site: Site, signal: AbortSignal): Promise<void> {
  const sight = await readExisting(site, signal);
  refuseFullTags(site, sight);
  await refuseOwnLogin(site, sight, signal);
  const keys = await markedKeys(site, sight, signal);
  const known = keys.filter(({ mark }) => mark !== undefined);
  // Of keys without a mark it was asked just now.
  for (const { id } of known.slice(0, 1)) await lastUseOf(site, id, signal);
  if (known.length > 0 && known.length < keys.length) throw await slotsTaken(site, keys, signal);
  await askRights(site, sight, signal);
}

async function readExisting(site: Site, signal: AbortSignal): Promise<UserSight> {
  try {
    return await readUser(site, signal);
  } catch (error) {
    if (!(error instanceof CreError) || !isMissing(error)) throw error;
    throw new CreError("user-missing", `${placeOf(site)} does not exist`, {
      ...(error.evidence === undefined ? {} : { evidence: error.evidence }),
      fix: "find out who deleted it (DeleteUser in CloudTrail), or correct `user` and the connection",
    });
  }
}

/** A key that was made and cannot be marked would be dropped, each time again. */
function refuseFullTags(site: Site, { tags }: UserSight): void {
  const others = [...tags.keys()].filter(
    (name) => name !== INTENT_TAG && taggedKey(name) === undefined,
  ).length;
  if (others + TAGS.ours <= TAGS.all) return;
  throw new CreError("tags-full", `${placeOf(site)} has no room for the tags that mark its keys`, {
    evidence: `${others} tags of others; IAM allows ${TAGS.all}, and a rotation needs ${TAGS.ours}`,
    fix: `remove ${others + TAGS.ours - TAGS.all} of the user's tags`,
  });
}

async function askRights(site: Site, { keys, tags }: UserSight, signal: AbortSignal): Promise<void> {
  const hands: readonly Hand[] = site.connection.revokeRole === undefined ? ["make"] : ["make", "end"];
  for (const hand of hands) {
    await dropTags(site, hand, [NO_TAG], signal);
    // Written again as it is: nothing changes, and the right is proven.
    for (const { id } of keys) {
      const mark = readMark(tags.get(keyTag(id)));
      if (mark === undefined) continue;
      await putMark(site, hand, id, mark, signal);
      break;
    }
  }
  const asked = { UserName: site.user, AccessKeyId: NO_KEY };
  await asking(async () =>
    change(site, "end", "iam:UpdateAccessKey", signal, async (iam, options) =>
      iam.updateAccessKey({ ...asked, Status: "Inactive" }, options),
    ),
  );
  await asking(async () =>
    change(site, "end", "iam:DeleteAccessKey", signal, async (iam, options) =>
      iam.deleteAccessKey(asked, options),
    ),
  );
}

/** Refused for lack of the key, and not for lack of the right. */
async function asking(ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
