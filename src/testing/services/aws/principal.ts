import { type Account, type AwsEstate, findKey, lastUse, type Session, type User } from "./account.ts";
import { AwsError, invalidToken } from "./aws-error.ts";
import type { PolicyContext, PolicyDocument } from "./policy.ts";
import { checkSignature, type SignatureClaim, type SignedRequest } from "./signature.ts";

/** Who a request came from. */
export interface Principal {
  readonly arn: string;
  /** As `GetCallerIdentity` shows it. */
  readonly userId: string;
  readonly account: Account;
  readonly user?: User;
  readonly kind: "user" | "user-session" | "role-session" | "token";
  readonly policies: readonly PolicyDocument[];
  readonly context: PolicyContext;
}

export interface Clocks {
  /** The provider's own time, which it writes down. */
  readonly now: Date;
  /** What signatures are compared with: clients sign with the time of their machine. */
  readonly machine: Date;
}

/**
 * The principal that signed the request. Notes the use of a user's key, as AWS does whether or not the action is then
 * allowed.
 *
 * @throws AwsError InvalidClientTokenId, SignatureDoesNotMatch, ExpiredToken.
 */
export async function authenticated(
  estate: AwsEstate,
  request: SignedRequest,
  claim: SignatureClaim,
  { now, machine }: Clocks,
): Promise<Principal> {
  const token = request.headers["x-amz-security-token"];
  if (token !== undefined) {
    const session = estate.sessions.get(claim.accessKeyId);
    if (session === undefined || session.token !== token) throw invalidToken();
    await checkSignature(request, claim, session, machine);
    if (session.expiresAt <= now) {
      throw new AwsError("ExpiredToken", 403, "The security token included in the request is expired");
    }
    return principalOfSession(session);
  }
  const found = findKey(estate, claim.accessKeyId);
  if (found === undefined || found.key.status !== "Active") throw invalidToken();
  const { account, user, key } = found;
  if (key.notYet > 0) {
    key.notYet -= 1;
    throw invalidToken();
  }
  await checkSignature(request, claim, key, machine);
  key.lastUsed = lastUse(now, claim.service, claim.region);
  return principalOfUser(account, user, "user", {});
}

/** Whoever shows a token of an identity provider in place of a signature: it may do nothing but that. */
export function anonymous(account: Account): Principal {
  return {
    arn: "anonymous",
    userId: "anonymous",
    account,
    kind: "token",
    policies: [],
    context: {},
  };
}

function principalOfSession({ of, issuedAt, account }: Session): Principal {
  const issued: PolicyContext = { "aws:TokenIssueTime": issuedAt.toISOString() };
  if (of.kind === "user") {
    if (account.users.get(of.user.name) !== of.user) throw invalidToken();
    return principalOfUser(account, of.user, "user-session", issued);
  }
  const { role, name } = of;
  if (account.roles.get(role.name) !== role) throw invalidToken();
  return {
    arn: `arn:aws:sts::${account.id}:assumed-role/${role.name}/${name}`,
    userId: `${role.id}:${name}`,
    account,
    kind: "role-session",
    policies: [...role.inline.values(), ...role.attached],
    context: {
      ...issued,
      "aws:PrincipalArn": role.arn,
      "aws:PrincipalAccount": account.id,
      "aws:userid": `${role.id}:${name}`,
    },
  };
}

function principalOfUser(
  account: Account,
  user: User,
  kind: "user" | "user-session",
  more: PolicyContext,
): Principal {
  return {
    arn: user.arn,
    userId: user.id,
    account,
    user,
    kind,
    policies: [...user.inline.values(), ...user.attached],
    context: {
      ...more,
      "aws:PrincipalArn": user.arn,
      "aws:PrincipalAccount": account.id,
      "aws:username": user.name,
      "aws:userid": user.id,
    },
  };
}
