import { CreError } from "../../../core/model/errors.ts";
import { awsClientOptions } from "../../clients/aws/client-options.ts";
import { ownLogin } from "../../clients/aws/credentials.ts";
import { awsFailure } from "../../clients/aws/failure.ts";
import { send } from "../../clients/aws/sending.ts";
import { slotsTaken } from "./issue.ts";
import { markedKeys, readUser, type UserSight } from "./keys.ts";
import { lastUseOf } from "./last-use.ts";
import { keyTag, readMark } from "./mark.ts";
import { change, isMissing, placeOf, type Site } from "./site.ts";
import { dropTags, putMark } from "./tags.ts";

/** An id that no key has: asking to change it tells whether one may, and changes nothing. */
const NO_KEY = "AKIA0000000000000000";
/** A tag that no user has. */
const NO_TAG = "cre/preflight";

/**
 * Everything that can be known before a key is made: the login and its account, the user and its keys, and each right
 * that is needed later, asked by requests that cannot change anything. The right to make a key cannot be asked so: when
 * it is missing, its refusal is the first thing that happens.
 */
export async function preflight(site: Site, signal: AbortSignal): Promise<void> {
  const sight = await readExisting(site, signal);
  await refuseOwnLogin(site, sight, signal);
  for (const { id } of sight.keys.slice(0, 1)) await lastUseOf(site, id, signal);
  const keys = await markedKeys(site, sight, signal);
  const known = keys.filter(({ mark }) => mark !== undefined);
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

/** Whoever deletes the key that it signs in with has locked itself out, in the middle of its work. */
async function refuseOwnLogin(site: Site, { keys }: UserSight, signal: AbortSignal): Promise<void> {
  const { connection, connectionName: name, ports, credential } = site;
  const { STS } = await import("@aws-sdk/client-sts");
  const place = `aws ${name}`;
  const options = await awsClientOptions(
    { name, connection, credential, secrets: ports.secrets },
    "question",
  );
  const sts = new STS(options);
  let login: string;
  let arn: string;
  try {
    login = (await (await ownLogin(connection, ports.secrets, credential))()).accessKeyId;
    ({ Arn: arn = "" } = await send(
      Promise.resolve(sts),
      { place, action: "sts:GetCallerIdentity" },
      signal,
      async (ready, call) => ready.getCallerIdentity({}, call),
    ));
  } catch (error) {
    throw awsFailure(error, { place, action: "sts:GetCallerIdentity" });
  } finally {
    sts.destroy();
  }
  if (keys.some(({ id }) => id === login) || arn.endsWith(`:user/${site.user}`)) {
    throw new CreError("own-login", `the runner signs in as ${placeOf(site)}, whose key it would rotate`, {
      evidence: arn,
      fix: "give the runner another login: a role by OIDC, or another user",
    });
  }
  const wanted = connection.partition ?? "aws";
  const [, partition] = arn.split(":");
  if (partition !== undefined && partition !== wanted) {
    throw new CreError("wrong-partition", `${place} is in the partition ${partition}, and not in ${wanted}`, {
      evidence: arn,
      fix: "correct `partition` and `region` of the connection",
    });
  }
}

async function askRights(site: Site, { keys, tags }: UserSight, signal: AbortSignal): Promise<void> {
  await dropTags(site, "make", [NO_TAG], signal);
  // Written again as it is: nothing changes, and the right is proven for both roles.
  for (const { id } of keys) {
    const mark = readMark(tags.get(keyTag(id)));
    if (mark === undefined) continue;
    await putMark(site, "make", id, mark, signal);
    await putMark(site, "end", id, mark, signal);
    break;
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
