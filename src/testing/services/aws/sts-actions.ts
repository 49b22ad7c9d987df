import { randomBytes } from "node:crypto";
import { findIdentity, identifier, type Role, type Session, secretKey, wholeSeconds } from "./account.ts";
import { type ActionCall, type AwsActions, type Output, optionalText, text } from "./action.ts";
import { AwsError } from "./aws-error.ts";
import { claimsOf } from "./identity-provider.ts";
import { decide, trusts } from "./policy.ts";

/** What STS can do here. */
export const STS_ACTIONS: AwsActions = {
  /** Needs no permission, and no policy can deny it. */
  GetCallerIdentity: {
    act: ({ principal }) => ({
      UserId: principal.userId,
      Account: principal.account.id,
      Arn: principal.arn,
    }),
  },
  GetSessionToken: {
    act: (call) => {
      const { user } = call.principal;
      if (user === undefined || call.principal.kind !== "user") {
        throw new AwsError("AccessDenied", 403, "Cannot call GetSessionToken with session credentials");
      }
      return { Credentials: begin(call, { kind: "user", user }, 43_200) };
    },
  },
  AssumeRole: {
    // The role's trust decides together with the caller's policies, so that the table of actions cannot ask them alone.
    act: (call) => {
      const role = roleToAssume(call);
      return assumed(call, role, sessionName(call));
    },
  },
  /** The one action that is not signed: the token says who asks. */
  AssumeRoleWithWebIdentity: {
    act: (call) => {
      const { account, input, machine } = call;
      const { host, claims } = claimsOf(text(input, "WebIdentityToken"), account.providers, machine);
      const role = findRole(call);
      const context = Object.fromEntries(
        Object.entries(claims).map(([name, value]) => [`${host}:${name}`, String(value)]),
      );
      const question = { action: "sts:AssumeRoleWithWebIdentity", context };
      const itself = [`arn:aws:iam::${account.id}:oidc-provider/${host}`];
      if (role === undefined || trusts(role.trust, "Federated", { itself }, question) !== "named") {
        throw new AwsError("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity");
      }
      return {
        ...assumed(call, role, sessionName(call)),
        SubjectFromWebIdentityToken: String(claims["sub"]),
        Audience: String(claims["aud"]),
        Provider: itself[0],
      };
    },
  },
};

function sessionName({ input }: ActionCall): string {
  const name = text(input, "RoleSessionName");
  if (/^[\w+=,.@-]{2,64}$/.test(name)) return name;
  throw new AwsError(
    "ValidationError",
    400,
    `1 validation error detected: Value '${name}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
  );
}

function findRole({ estate, input }: ActionCall): Role | undefined {
  const found = findIdentity(estate, text(input, "RoleArn"));
  return found !== undefined && "trust" in found ? found : undefined;
}

/** ARN of the role that AssumeRole asks for, for the list of calls. */
export function assumedRole({ input }: Pick<ActionCall, "input">): string | undefined {
  return optionalText(input, "RoleArn");
}

/** Credentials of the role and who that is then. */
function assumed(call: ActionCall, role: Role, name: string): Output {
  const account = call.estate.accounts.get(role.arn.split(":")[4] ?? "");
  if (account === undefined) throw new Error(`${role.arn} is in no account`);
  return {
    Credentials: begin({ ...call, account }, { kind: "role", role, name }, 3_600),
    AssumedRoleUser: {
      AssumedRoleId: `${role.id}:${name}`,
      Arn: `arn:aws:sts::${account.id}:assumed-role/${role.name}/${name}`,
    },
  };
}

function roleToAssume(call: ActionCall): Role {
  const { principal, input } = call;
  const arn = text(input, "RoleArn");
  const role = findRole(call);
  const context = {
    ...principal.context,
    "sts:RoleSessionName": optionalText(input, "RoleSessionName") ?? "",
    ...(input["ExternalId"] === undefined ? {} : { "sts:ExternalId": text(input, "ExternalId") }),
  };
  const question = { action: "sts:AssumeRole", resource: arn, context };
  const own = decide(principal.policies, question);
  const { id } = principal.account;
  const itself = [principal.arn, String(principal.context["aws:PrincipalArn"])];
  const trusted =
    role === undefined
      ? "no"
      : trusts(role.trust, "AWS", { itself, account: [id, `arn:aws:iam::${id}:root`] }, question);
  const sameAccount = arn.split(":")[4] === id;
  const allowed =
    own !== "denied" && trusted !== "no" && (own === "allowed" || (trusted === "named" && sameAccount));
  if (role === undefined || !allowed) {
    throw new AwsError(
      "AccessDenied",
      403,
      `User: ${principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
    );
  }
  return role;
}

function begin(call: ActionCall, of: Session["of"], defaultSeconds: number): Output {
  const seconds = Number(optionalText(call.input, "DurationSeconds") ?? defaultSeconds);
  if (!(seconds >= 900 && seconds <= (of.kind === "role" ? 43_200 : 129_600))) {
    throw new AwsError(
      "ValidationError",
      400,
      `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900`,
    );
  }
  const issuedAt = wholeSeconds(call.now);
  const session: Session = {
    id: identifier("ASIA"),
    secret: secretKey(),
    token: randomBytes(192).toString("base64"),
    issuedAt,
    expiresAt: new Date(issuedAt.getTime() + seconds * 1000),
    of,
    account: call.account,
  };
  call.estate.sessions.set(session.id, session);
  return {
    AccessKeyId: session.id,
    SecretAccessKey: session.secret,
    SessionToken: session.token,
    Expiration: session.expiresAt,
  };
}
