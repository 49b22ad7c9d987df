import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IAM } from "@aws-sdk/client-iam";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SSM } from "@aws-sdk/client-ssm";
import type { AwsConnection } from "../../core/documents/connection.ts";
import { Secret } from "../../core/model/secret.ts";
import type { SecretSource } from "../../core/ports/runtime.ts";
import { type AwsStandIn, type AwsTestLogin, startAwsStandIn } from "../services/aws/aws-service.ts";
import { createIdentityProvider, type IdentityClaims } from "../services/aws/identity-provider.ts";
import { type Places, policyOf, type Right, without } from "./aws-policies.ts";

const GITHUB = "token.actions.githubusercontent.com";
const USERS = "444455556666";
export const SUBJECT = "repo:acme/rotation:environment:rotation";

/** Which files a role of the examples has. */
export const ROLES = {
  "cre-runner": ["login-policy.json", "read-own-secrets-policy.json"],
  "cre-make-keys": ["make-keys-policy.json"],
  "cre-end-keys": ["end-keys-policy.json"],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type RoleName = keyof typeof ROLES;

/** One account, or the runner in one and the users in another. */
export type Shape = "one account" | "two accounts";

/** AWS set up as the page on access keys says, with nothing but the files of examples/aws. */
export interface AwsEstate extends AsyncDisposable {
  readonly aws: AwsStandIn;
  readonly places: Places;
  /** IAM, as an admin of the account that the users are in sees it. */
  readonly iam: IAM;
  readonly connection: AwsConnection;
  roleArn(role: RoleName): string;
  /** The environment of a job with a token that says so, by default what the trust asks for, and which role it takes. */
  job(claims?: IdentityClaims, role?: string): SecretSource;
  /** A new user with one key; `path` of the ARN, by default the one that the policies name. */
  newUser(
    path?: string,
  ): Promise<{ readonly user: string; readonly arn: string; readonly key: AwsTestLogin }>;
  /** Takes one right from the role that has it; undefined: all have all. */
  take(right: Right | undefined): void;
}

export async function openAwsEstate(shape: Shape): Promise<AwsEstate> {
  const aws = await startAwsStandIn();
  const { endpoint, region } = aws;
  const users = shape === "one account" ? aws.account : USERS;
  const places: Places = {
    ACCOUNT: users,
    RUNNER_ACCOUNT: aws.account,
    REGION: region,
    EXTERNAL_ID: "acme-rotation",
    OWNER: "acme",
    REPO: "rotation",
    NAME: "rotation",
  };
  const runnerPlaces: Places = { ...places, ACCOUNT: aws.account };
  const accountOf = (role: RoleName): string => (role === "cre-runner" ? aws.account : users);
  const roleArn = (role: RoleName): string => `arn:aws:iam::${accountOf(role)}:role/${role}`;
  const adminOptions = { endpoint, region, credentials: aws.admin, maxAttempts: 1 };
  const iam = new IAM({
    ...adminOptions,
    credentials: shape === "one account" ? aws.admin : aws.adminOf(users),
  });
  const runnerIam = new IAM(adminOptions);
  const github = createIdentityProvider(GITHUB);
  aws.trust(github);

  const trustOf = (role: RoleName) =>
    role === "cre-runner"
      ? policyOf("trust-policy-github.json", runnerPlaces)
      : policyOf(
          shape === "one account" ? "trust-policy-role.json" : "trust-policy-role-external-id.json",
          places,
        );
  for (const role of roleNames()) {
    const AssumeRolePolicyDocument = JSON.stringify(trustOf(role));
    await (role === "cre-runner" ? runnerIam : iam).createRole({ RoleName: role, AssumeRolePolicyDocument });
  }
  const take: AwsEstate["take"] = (right) => {
    for (const role of roleNames()) {
      aws.detachAll(roleArn(role));
      for (const file of ROLES[role]) {
        // In one account the trust of a role is enough.
        if (file === "login-policy.json" && shape === "one account") continue;
        // The runner's own secrets are in its own account; the roles that it assumes are not.
        const policy = policyOf(file, file === "read-own-secrets-policy.json" ? runnerPlaces : places);
        aws.attach(roleArn(role), right?.file === file ? without(policy, right) : policy);
      }
    }
  };
  take(undefined);
  await putSecrets(aws, aws.admin, "cre");

  const folder = mkdtempSync(join(tmpdir(), "cre-privilege-"));
  return {
    aws,
    places,
    iam,
    roleArn,
    take,
    connection: {
      region,
      endpoint,
      assumeRole: roleArn("cre-make-keys"),
      revokeRole: roleArn("cre-end-keys"),
      ...(shape === "one account" ? {} : { externalId: places.EXTERNAL_ID }),
    },
    job: (claims = { aud: "sts.amazonaws.com", sub: SUBJECT }, role = roleArn("cre-runner")) => {
      const file = join(folder, randomUUID());
      writeFileSync(file, github.token(claims));
      return environment({ AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: role });
    },
    newUser: async (path = "/rotated/") => {
      const user = `orders-${randomBytes(4).toString("hex")}`;
      const PermissionsBoundary = `arn:aws:iam::${users}:policy/rotated-boundary`;
      await iam.createUser({ UserName: user, Path: path, PermissionsBoundary });
      const { AccessKey: key } = await iam.createAccessKey({ UserName: user });
      const { AccessKeyId: accessKeyId = "", SecretAccessKey: secretAccessKey = "" } = key ?? {};
      return { user, arn: `arn:aws:iam::${users}:user${path}${user}`, key: { accessKeyId, secretAccessKey } };
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of [iam, runnerIam]) client.destroy();
      rmSync(folder, { recursive: true });
      await aws.close();
    },
  };
}

/** A secret and a parameter `PREFIX/orders`, made by an admin. Their names are random, for each life its own. */
export async function putSecrets(
  { endpoint, region }: AwsStandIn,
  credentials: AwsTestLogin,
  name: string,
): Promise<void> {
  const manager = new SecretsManager({ endpoint, region, credentials });
  const ssm = new SSM({ endpoint, region, credentials });
  await manager.createSecret({ Name: `${name}/orders`, SecretString: "{}" });
  await ssm.putParameter({ Name: `/${name}/orders`, Value: "first", Type: "SecureString" });
  manager.destroy();
  ssm.destroy();
}

function environment(variables: Readonly<Record<string, string>>): SecretSource {
  return {
    present: (reference) => "env" in reference && variables[reference.env] !== undefined,
    read: async (reference) => new Secret(("env" in reference && variables[reference.env]) || ""),
  };
}

export function roleNames(): readonly RoleName[] {
  // `as`: the keys of a constant.
  return Object.keys(ROLES) as RoleName[];
}
