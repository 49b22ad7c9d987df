import { randomUUID } from "node:crypto";
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteUserCommand,
  GetAccessKeyLastUsedCommand,
  GetUserCommand,
  ListAccessKeysCommand,
  ListUserTagsCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  TagUserCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import {
  DeleteParameterCommand,
  GetParameterCommand,
  LabelParameterVersionCommand,
  PutParameterCommand,
  UnlabelParameterVersionCommand,
} from "@aws-sdk/client-ssm";
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type Credentials,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AwsClients, type AwsLogin, awsClients } from "./aws-clients.ts";
import { type AwsStandIn, startAwsStandIn } from "./aws-service.ts";
import { createIdentityProvider } from "./identity-provider.ts";
import type { PolicyDocument } from "./policy.ts";

const START = Date.parse("2026-11-25T10:20:30.400Z");
const GITHUB = "token.actions.githubusercontent.com";

let now: number;
let aws: AwsStandIn;
let admin: AwsClients;

beforeEach(async () => {
  now = START;
  aws = await startAwsStandIn({ clock: () => new Date(now) });
  admin = awsClients(aws);
});
afterEach(async () => {
  admin[Symbol.dispose]();
  await aws.close();
});

const arn = (kind: "user" | "role", name: string): string => `arn:aws:iam::${aws.account}:${kind}/${name}`;

async function newUser(UserName: string, ...allowed: readonly string[]): Promise<AwsLogin> {
  await admin.iam.send(new CreateUserCommand({ UserName }));
  if (allowed.length > 0) aws.attach(arn("user", UserName), allow(allowed));
  return newKey(UserName);
}

async function newKey(UserName: string): Promise<AwsLogin> {
  const { AccessKey: key } = await admin.iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: key?.AccessKeyId ?? "", secretAccessKey: key?.SecretAccessKey ?? "" };
}

async function newRole(RoleName: string, trusted: object, ...allowed: readonly string[]): Promise<string> {
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", ...trusted }],
  });
  await admin.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  const PolicyDocument = JSON.stringify(allow(allowed));
  await admin.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "allowed", PolicyDocument }));
  return arn("role", RoleName);
}

function allow(actions: readonly string[], Resource = "*"): PolicyDocument {
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource }] };
}

async function whoIs(login: AwsLogin): Promise<string | undefined> {
  using clients = awsClients(aws, login);
  return (await clients.sts.send(new GetCallerIdentityCommand({}))).Arn;
}

function loginOf(given: Credentials | undefined): AwsLogin {
  return {
    accessKeyId: given?.AccessKeyId ?? "",
    secretAccessKey: given?.SecretAccessKey ?? "",
    sessionToken: given?.SessionToken ?? "",
  };
}

describe("faults", () => {
  const create = new CreateUserCommand({ UserName: "shop" });
  const exists = (): Promise<boolean> =>
    admin.iam.send(new GetUserCommand({ UserName: "shop" })).then(
      () => true,
      () => false,
    );

  test.each([
    ["denied", { name: "AccessDenied", $metadata: { httpStatusCode: 403 } }, false],
    ["throttled", { name: "Throttling", message: "Rate exceeded" }, false],
    ["error500", { name: "ServiceFailureException", $metadata: { httpStatusCode: 500 } }, false],
    ["drop", { code: "ECONNRESET" }, false],
    ["dropAfter", { code: "ECONNRESET" }, true],
    ["error500After", { name: "ServiceFailureException" }, true],
  ] as const)("%s ends one request, and the next is answered", async (how, expected, happened) => {
    aws.fail("iam:CreateUser", how);
    await expect(admin.iam.send(create)).rejects.toMatchObject(expected);
    expect(await exists()).toBe(happened);
    await admin.iam.send(new CreateUserCommand({ UserName: "other" }));
  });

  test.each([
    ["hang", false],
    ["hangAfter", true],
  ] as const)("%s never answers", async (how, happened) => {
    aws.fail("iam:CreateUser", how);
    const cut = AbortSignal.timeout(200);
    await expect(admin.iam.send(create, { abortSignal: cut })).rejects.toMatchObject({ name: "AbortError" });
    expect(await exists()).toBe(happened);
  });

  test("come as often as they were asked for, after as many as were let pass, until they are taken back", async () => {
    const ask = async (): Promise<string> =>
      whoIs(aws.admin).then(
        () => "answered",
        (error: Error) => error.name,
      );
    aws.fail("sts:*", "throttled", 2, 1);
    expect([await ask(), await ask(), await ask(), await ask()]).toEqual([
      "answered",
      "Throttling",
      "Throttling",
      "answered",
    ]);
    aws.fail("sts:GetCallerIdentity", "error500", Infinity);
    expect(await ask()).not.toBe("answered");
    aws.recover();
    expect(await ask()).toBe("answered");
  });

  test("of an action that does not exist are a mistake of the test", () => {
    expect(() => aws.fail("iam:CreateKey", "drop")).toThrow("iam:CreateKey is no action");
  });

  test("are what the JSON services call so", async () => {
    const ask = new GetSecretValueCommand({ SecretId: "prod/shop" });
    aws.fail("secretsmanager:GetSecretValue", "denied");
    await expect(admin.secrets.send(ask)).rejects.toMatchObject({ name: "AccessDeniedException" });
    aws.fail("secretsmanager:GetSecretValue", "throttled");
    await expect(admin.secrets.send(ask)).rejects.toMatchObject({ name: "ThrottlingException" });
    aws.fail("secretsmanager:GetSecretValue", "error500");
    await expect(admin.secrets.send(ask)).rejects.toMatchObject({ name: "InternalServiceError" });
    aws.fail("ssm:GetParameter", "error500");
    await expect(admin.ssm.send(new GetParameterCommand({ Name: "shop" }))).rejects.toMatchObject({
      name: "InternalServerError",
    });
  });
});

describe("keys", () => {
  test("work only after some requests, if that is asked", async () => {
    await newUser("shop");
    aws.usableAfter(2);
    const key = await newKey("shop");
    for (let tries = 0; tries < 2; tries += 1) {
      await expect(whoIs(key)).rejects.toMatchObject({ name: "InvalidClientTokenId" });
    }
    expect(await whoIs(key)).toBe(arn("user", "shop"));
    expect(aws.keys("shop").map(({ id, status }) => [id, status])).toContainEqual([
      key.accessKeyId,
      "Active",
    ]);
  });

  test("are last used in the provider's minute, by each request that is signed with them, allowed or not", async () => {
    const key = await newUser("shop");
    using clients = awsClients(aws, key);
    await expect(clients.ssm.send(new GetParameterCommand({ Name: "a" }))).rejects.toThrow("not authorized");
    const lastUse = async (): Promise<unknown> =>
      (await admin.iam.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: key.accessKeyId })))
        .AccessKeyLastUsed;
    expect(await lastUse()).toEqual({
      LastUsedDate: new Date("2026-11-25T10:20:00Z"),
      ServiceName: "ssm",
      Region: "eu-central-1",
    });
    const { AccessKeyMetadata: listed } = await admin.iam.send(
      new ListAccessKeysCommand({ UserName: "shop" }),
    );
    expect(listed?.[0]?.CreateDate).toEqual(new Date("2026-11-25T10:20:30Z"));
    aws.use(key.accessKeyId, { at: new Date("2026-11-26T01:02:03Z"), service: "s3", region: "us-east-1" });
    expect(await lastUse()).toEqual({
      LastUsedDate: new Date("2026-11-26T01:02:00Z"),
      ServiceName: "s3",
      Region: "us-east-1",
    });
  });

  test("are not used by a request that is refused for its signature or because they are inactive", async () => {
    const key = await newUser("shop");
    await expect(whoIs({ ...key, secretAccessKey: "wrong" })).rejects.toThrow("signature");
    await admin.iam.send(
      new UpdateAccessKeyCommand({ UserName: "shop", AccessKeyId: key.accessKeyId, Status: "Inactive" }),
    );
    await expect(whoIs(key)).rejects.toThrow("invalid");
    expect(aws.keys("shop")[0]?.lastUsed).toBeUndefined();
  });

  test("keep their user from being deleted", async () => {
    await newUser("shop");
    await expect(admin.iam.send(new DeleteUserCommand({ UserName: "shop" }))).rejects.toMatchObject({
      name: "DeleteConflictException",
    });
  });
});

test("calls are kept in order, with who asked for what, and how it ended", async () => {
  const key = await newUser("shop");
  const from = aws.calls.length;
  using clients = awsClients(aws, key);
  await clients.sts.send(new GetCallerIdentityCommand({}));
  await expect(clients.iam.send(new ListAccessKeysCommand({}))).rejects.toThrow("not authorized");
  await expect(whoIs({ ...key, secretAccessKey: "wrong" })).rejects.toThrow("signature");
  const principal = arn("user", "shop");
  expect(aws.calls.slice(from)).toEqual([
    { action: "sts:GetCallerIdentity", principal, resource: "*" },
    { action: "iam:ListAccessKeys", principal, resource: principal, error: "AccessDenied" },
  ]);
});

describe("time", () => {
  test.each([
    [600, "Signature expired: "],
    [-600, "Signature not yet current: "],
  ])("of a machine that is %d seconds behind is told", async (seconds, words) => {
    aws.skew(seconds);
    await expect(whoIs(aws.admin)).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
      message: expect.stringContaining(words),
      $metadata: { httpStatusCode: 403 },
    });
    await expect(admin.secrets.send(new DescribeSecretCommand({ SecretId: "absent" }))).rejects.toMatchObject(
      {
        name: "InvalidSignatureException",
        message: expect.stringContaining(words),
        $metadata: { httpStatusCode: 400 },
      },
    );
  });

  test("that is four minutes off is close enough", async () => {
    aws.skew(240);
    expect(await whoIs(aws.admin)).toBe(arn("user", "admin"));
  });

  test("is corrected by the SDK itself where it may send again", async () => {
    aws.skew(600);
    const { endpoint, region } = aws;
    const sts = new STSClient({ endpoint, region, credentials: { ...aws.admin }, maxAttempts: 2 });
    const { $metadata: how } = await sts.send(new GetCallerIdentityCommand({}));
    expect(how.attempts).toBe(2);
    sts.destroy();
  });
});

describe("sessions", () => {
  test("of a role end when their time is over", async () => {
    const role = await newRole("runner", {
      Principal: { AWS: `arn:aws:iam::${aws.account}:root` },
      Action: "sts:AssumeRole",
    });
    const { Credentials: given } = await admin.sts.send(
      new AssumeRoleCommand({ RoleArn: role, RoleSessionName: "cre-shop", DurationSeconds: 900 }),
    );
    expect(given?.Expiration).toEqual(new Date("2026-11-25T10:35:30Z"));
    const login = loginOf(given);
    now += 899_000;
    expect(await whoIs(login)).toBe(`arn:aws:sts::${aws.account}:assumed-role/runner/cre-shop`);
    now += 1_000;
    await expect(whoIs(login)).rejects.toMatchObject({
      name: "ExpiredToken",
      $metadata: { httpStatusCode: 403 },
    });
    using clients = awsClients(aws, login);
    await expect(clients.ssm.send(new GetParameterCommand({ Name: "a" }))).rejects.toMatchObject({
      name: "ExpiredTokenException",
      $metadata: { httpStatusCode: 400 },
    });
  });

  test("of a user reach no IAM, outlive the key, and are stopped by a policy on the date of their issue", async () => {
    const key = await newUser("shop", "iam:*", "ssm:*");
    using clients = awsClients(aws, key);
    const session = loginOf((await clients.sts.send(new GetSessionTokenCommand({}))).Credentials);
    expect(await whoIs(session)).toBe(arn("user", "shop"));
    using inSession = awsClients(aws, session);
    await expect(inSession.iam.send(new GetUserCommand({}))).rejects.toMatchObject({
      name: "InvalidClientTokenId",
    });
    await admin.iam.send(
      new UpdateAccessKeyCommand({ UserName: "shop", AccessKeyId: key.accessKeyId, Status: "Inactive" }),
    );
    const read = new GetParameterCommand({ Name: "absent" });
    await expect(inSession.ssm.send(read)).rejects.toMatchObject({ name: "ParameterNotFound" });
    now += 60_000;
    await admin.iam.send(
      new PutUserPolicyCommand({
        UserName: "shop",
        PolicyName: "contain",
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Deny",
              Action: "*",
              Resource: "*",
              Condition: { DateLessThan: { "aws:TokenIssueTime": new Date(now).toISOString() } },
            },
          ],
        }),
      }),
    );
    await expect(inSession.ssm.send(read)).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("with an explicit deny in an identity-based policy"),
    });
    using again = awsClients(aws, await newKey("shop"));
    await expect(again.ssm.send(read)).rejects.toMatchObject({ name: "ParameterNotFound" });
  });

  test("of a role of another account act there", async () => {
    const other = "444455556666";
    const there = awsClients(aws, aws.adminOf(other));
    await there.iam.send(new CreateUserCommand({ UserName: "shop" }));
    await there.iam.send(
      new CreateRoleCommand({
        RoleName: "rotator",
        AssumeRolePolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { AWS: `arn:aws:iam::${aws.account}:root` },
              Action: "sts:AssumeRole",
              Condition: { StringEquals: { "sts:ExternalId": "cre" } },
            },
          ],
        }),
      }),
    );
    aws.attach(`arn:aws:iam::${other}:role/rotator`, allow(["iam:*"]));
    const assume = { RoleArn: `arn:aws:iam::${other}:role/rotator`, RoleSessionName: "cre-shop" };
    await expect(admin.sts.send(new AssumeRoleCommand(assume))).rejects.toMatchObject({
      name: "AccessDenied",
    });
    const { Credentials: given } = await admin.sts.send(
      new AssumeRoleCommand({ ...assume, ExternalId: "cre" }),
    );
    using clients = awsClients(aws, loginOf(given));
    await clients.iam.send(new CreateAccessKeyCommand({ UserName: "shop" }));
    expect(aws.keys("shop", other)).toHaveLength(1);
    expect(aws.keys("shop")).toEqual([]);
    there[Symbol.dispose]();
  });

  test("are given for a token of a provider that the role trusts, to whom it names", async () => {
    const github = createIdentityProvider(GITHUB);
    const sub = "repo:example/credentials:environment:production";
    const RoleArn = await newRole(
      "runner",
      {
        Principal: { Federated: `arn:aws:iam::${aws.account}:oidc-provider/${GITHUB}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com", [`${GITHUB}:sub`]: sub } },
      },
      "iam:GetUser",
    );
    const { endpoint, region } = aws;
    const sts = new STSClient({ endpoint, region, maxAttempts: 1 });
    const assume = (token: string): Promise<{ Credentials?: Credentials | undefined }> =>
      sts.send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn,
          RoleSessionName: "cre-shop",
          WebIdentityToken: token,
        }),
      );
    const claims = { aud: "sts.amazonaws.com", sub };
    const refused = [
      [github.token(claims), "InvalidIdentityToken"],
      [createIdentityProvider(GITHUB).token(claims), "InvalidIdentityToken"],
      [github.token({ ...claims, sub: `${sub}-2` }), "AccessDenied"],
      [github.token({ ...claims, aud: "https://github.com/example" }), "AccessDenied"],
      [github.token(claims, new Date(Date.now() - 600_000)), "ExpiredTokenException"],
    ] as const;
    for (const [index, [token, name]] of refused.entries()) {
      await expect(assume(token)).rejects.toMatchObject({
        name: expect.stringMatching(new RegExp(`^${name}(Exception)?$`)),
      });
      if (index === 0) aws.trust(github);
    }
    const { Credentials: given } = await assume(github.token(claims));
    expect(await whoIs(loginOf(given))).toBe(`arn:aws:sts::${aws.account}:assumed-role/runner/cre-shop`);
    sts.destroy();
  });
});

describe("policies", () => {
  test("name resources, and the refusal says which was missing", async () => {
    const key = await newUser("runner");
    await newUser("shop");
    await newUser("web");
    aws.attach(arn("user", "runner"), allow(["iam:*"], arn("user", "shop")));
    using clients = awsClients(aws, key);
    await clients.iam.send(new ListAccessKeysCommand({ UserName: "shop" }));
    await expect(clients.iam.send(new ListAccessKeysCommand({ UserName: "web" }))).rejects.toMatchObject({
      name: "AccessDenied",
      message: `User: ${arn("user", "runner")} is not authorized to perform: iam:ListAccessKeys on resource: user web because no identity-based policy allows the iam:ListAccessKeys action`,
    });
    aws.detachAll(arn("user", "runner"));
    await expect(clients.iam.send(new ListAccessKeysCommand({ UserName: "shop" }))).rejects.toThrow(
      "not authorized",
    );
  });

  test("ask for the tags of a user, and for the tags that are given", async () => {
    const key = await newUser("runner");
    await newUser("shop");
    aws.attach(arn("user", "runner"), {
      Statement: [
        {
          Effect: "Allow",
          Action: "iam:ListUserTags",
          Resource: "*",
          Condition: { StringEquals: { "aws:ResourceTag/rotated-by": "cre" } },
        },
        {
          Effect: "Allow",
          Action: "iam:TagUser",
          Resource: "*",
          Condition: { "ForAllValues:StringLike": { "aws:TagKeys": ["cre:*"] } },
        },
      ],
    });
    using clients = awsClients(aws, key);
    const list = new ListUserTagsCommand({ UserName: "shop" });
    await expect(clients.iam.send(list)).rejects.toThrow("not authorized");
    const tag = (who: AwsClients, Key: string): Promise<unknown> =>
      who.iam.send(new TagUserCommand({ UserName: "shop", Tags: [{ Key, Value: "cre" }] }));
    await expect(tag(clients, "rotated-by")).rejects.toThrow("not authorized");
    await tag(clients, "cre:mark");
    await tag(admin, "rotated-by");
    expect((await clients.iam.send(list)).Tags).toHaveLength(2);
  });

  test("name users by the path that is part of their ARN, and ask for their permissions boundary", async () => {
    const key = await newUser("runner");
    const boundary = `arn:aws:iam::${aws.account}:policy/rotated`;
    const Condition = { StringEquals: { "iam:PermissionsBoundary": boundary } };
    aws.attach(arn("user", "runner"), allow(["iam:ListAccessKeys"], arn("user", "rotated/*")));
    aws.attach(arn("user", "runner"), {
      Statement: [{ Effect: "Allow", Action: "iam:PutUserPolicy", Resource: "*", Condition }],
    });
    const bounded = { UserName: "shop", Path: "/rotated/", PermissionsBoundary: boundary };
    const { User: user } = await admin.iam.send(new CreateUserCommand(bounded));
    expect(user).toMatchObject({ Path: "/rotated/", Arn: arn("user", "rotated/shop") });
    await newUser("web");
    expect(await whoIs(await newKey("shop"))).toBe(arn("user", "rotated/shop"));
    using clients = awsClients(aws, key);
    const asked = async (UserName: string): Promise<void> => {
      await clients.iam.send(new ListAccessKeysCommand({ UserName }));
    };
    const put = async (UserName: string): Promise<void> => {
      const PolicyDocument = JSON.stringify(allow(["ssm:*"]));
      await clients.iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "x", PolicyDocument }));
    };
    await asked("shop");
    await put("shop");
    await expect(asked("web")).rejects.toThrow("not authorized");
    await expect(put("web")).rejects.toThrow("not authorized");
  });

  test("reach secrets by the end of their ARN, and parameters with their leading slash", async () => {
    const key = await newUser("runner");
    using clients = awsClients(aws, key);
    await admin.secrets.send(new CreateSecretCommand({ Name: "prod/shop", SecretString: "one" }));
    await admin.ssm.send(new PutParameterCommand({ Name: "/prod/shop", Value: "one", Type: "SecureString" }));
    const secret = new GetSecretValueCommand({ SecretId: "prod/shop", VersionStage: "AWSCURRENT" });
    const parameter = new GetParameterCommand({ Name: "/prod/shop", WithDecryption: true });
    await expect(clients.secrets.send(secret)).rejects.toMatchObject({ name: "AccessDeniedException" });
    await expect(clients.ssm.send(parameter)).rejects.toMatchObject({ name: "AccessDeniedException" });
    const place = `${aws.region}:${aws.account}`;
    aws.attach(
      arn("user", "runner"),
      allow(["secretsmanager:*"], `arn:aws:secretsmanager:${place}:secret:prod/shop-??????`),
    );
    aws.attach(arn("user", "runner"), allow(["ssm:*"], `arn:aws:ssm:${place}:parameter/prod/*`));
    expect((await clients.secrets.send(secret)).SecretString).toBe("one");
    expect((await clients.ssm.send(parameter)).Parameter?.Value).toBe("one");
  });

  test("of nobody are a mistake of the test", () => {
    expect(() => aws.attach("shop", allow(["*"]))).toThrow("name it by its ARN");
  });
});

describe("secrets and parameters", () => {
  test("refuse another value under a token that was used", async () => {
    const { VersionId: first = "" } = await admin.secrets.send(
      new CreateSecretCommand({ Name: "prod/shop", SecretString: "one" }),
    );
    const put = { SecretId: "prod/shop", ClientRequestToken: randomUUID(), VersionStages: ["AWSPENDING"] };
    await admin.secrets.send(new PutSecretValueCommand({ ...put, SecretString: "two" }));
    await expect(
      admin.secrets.send(new PutSecretValueCommand({ ...put, SecretString: "three" })),
    ).rejects.toMatchObject({ name: "ResourceExistsException", $metadata: { httpStatusCode: 400 } });
    const move = {
      SecretId: "prod/shop",
      VersionStage: "AWSCURRENT",
      MoveToVersionId: put.ClientRequestToken,
    };
    await expect(admin.secrets.send(new UpdateSecretVersionStageCommand(move))).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringContaining(first),
    });
    await admin.secrets.send(new UpdateSecretVersionStageCommand({ ...move, RemoveFromVersionId: first }));
    const { SecretString } = await admin.secrets.send(new GetSecretValueCommand({ SecretId: "prod/shop" }));
    expect(SecretString).toBe("two");
    await expect(
      admin.secrets.send(
        new UpdateSecretVersionStageCommand({ ...move, RemoveFromVersionId: first, MoveToVersionId: first }),
      ),
    ).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  test("are of one region", async () => {
    await admin.secrets.send(new CreateSecretCommand({ Name: "prod/shop", SecretString: "one" }));
    using elsewhere = awsClients({ ...aws, region: "us-west-2" });
    await expect(
      elsewhere.secrets.send(new DescribeSecretCommand({ SecretId: "prod/shop" })),
    ).rejects.toMatchObject({ name: "ResourceNotFoundException", $metadata: { httpStatusCode: 400 } });
  });

  test("lose their labels and are deleted", async () => {
    const Name = "/prod/shop";
    await admin.ssm.send(new PutParameterCommand({ Name, Value: "one", Type: "SecureString" }));
    const label = { Name, ParameterVersion: 1, Labels: ["pending"] };
    await admin.ssm.send(new LabelParameterVersionCommand(label));
    await admin.ssm.send(new UnlabelParameterVersionCommand(label));
    await expect(admin.ssm.send(new GetParameterCommand({ Name: `${Name}:pending` }))).rejects.toMatchObject({
      name: "ParameterVersionNotFound",
    });
    await admin.ssm.send(new DeleteParameterCommand({ Name }));
    await expect(admin.ssm.send(new GetParameterCommand({ Name }))).rejects.toMatchObject({
      name: "ParameterNotFound",
    });
  });
});
