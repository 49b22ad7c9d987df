import { accountOfRole } from "../../../core/documents/connection.ts";
import { CreError } from "../../../core/model/errors.ts";
import { optionsAs } from "../../clients/aws/client-options.ts";
import { ownLogin } from "../../clients/aws/credentials.ts";
import { awsFailure } from "../../clients/aws/failure.ts";
import { send } from "../../clients/aws/sending.ts";
import type { UserSight } from "./keys.ts";
import { isUserArn, placeOf, type Site } from "./site.ts";

/**
 * Refuses a runner that signs in as the user whose key it would rotate: it would lock itself out in the middle of its
 * work. Also a connection whose partition is another than the login's, or whose two roles are in different accounts.
 */
export async function refuseOwnLogin(site: Site, { keys }: UserSight, signal: AbortSignal): Promise<void> {
  const { connectionName: name, connection, user } = site;
  const { keyId, arn } = await whoSignsIn(site, signal);
  const [, partition = "", , , account] = arn.split(":");
  if (keys.some(({ id }) => id === keyId) || isUserArn(arn, user)) {
    throw new CreError("own-login", `the runner signs in as ${placeOf(site)}, whose key it would rotate`, {
      evidence: arn,
      fix: "give the runner another login: a role by OIDC, or another user",
    });
  }
  const wanted = connection.partition ?? "aws";
  if (partition !== wanted) {
    throw new CreError(
      "wrong-partition",
      `aws ${name} is in the partition ${partition}, and not in ${wanted}`,
      {
        evidence: arn,
        fix: "correct `partition` and `region` of the connection",
      },
    );
  }
  const { assumeRole, revokeRole } = connection;
  const making = accountOfRole(assumeRole) ?? account;
  const ending = accountOfRole(revokeRole ?? assumeRole) ?? account;
  if (making === ending) return;
  throw new CreError(
    "two-accounts",
    `the roles of aws ${name} that make keys and end them are in different accounts`,
    {
      evidence: `keys are made in ${making}, and ended in ${ending}`,
      fix: "correct `assumeRole` and `revokeRole` of the connection: one connection is for one account",
    },
  );
}

/** The login before it assumes a role: that is the key which must not be rotated by its own work. */
async function whoSignsIn(
  { connection, connectionName: name, ports, credential }: Site,
  signal: AbortSignal,
): Promise<{ readonly keyId: string; readonly arn: string }> {
  const { STS } = await import("@aws-sdk/client-sts");
  const call = { place: `aws ${name}`, action: "sts:GetCallerIdentity" };
  const login = await ownLogin(connection, ports.secrets, credential);
  const sts = new STS(optionsAs(login, connection, "question"));
  try {
    const { Arn: arn = "" } = await send(Promise.resolve(sts), call, signal, async (ready, given) =>
      ready.getCallerIdentity({}, given),
    );
    return { keyId: (await sts.config.credentials()).accessKeyId, arn };
  } catch (error) {
    throw awsFailure(error, call);
  } finally {
    sts.destroy();
  }
}
