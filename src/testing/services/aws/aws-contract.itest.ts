import { randomUUID } from "node:crypto";
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserPolicyCommand,
  GetAccessKeyLastUsedCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  ListAccessKeysCommand,
  ListUserTagsCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  TagUserCommand,
  UntagUserCommand,
  UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  TagResourceCommand,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import {
  AddTagsToResourceCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  LabelParameterVersionCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
} from "@aws-sdk/client-ssm";
import { AssumeRoleCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AwsClients, type AwsLogin, awsClients } from "./aws-clients.ts";
import { type AwsTestService, awsServices } from "./aws-service.ts";

/*
 * The same questions to the stand-in and to moto 5.2.1, so that the one is no more lenient than the other. What moto
 * does otherwise than AWS is asked of the stand-in alone, in stand-in.itest.ts:
 * - its policies know neither resources nor conditions, and the message of a refusal names no resource;
 * - signatures have no age and sessions no end;
 * - the JSON services refuse in the XML, the names and the status of the Query services, which no client can read;
 *   what is absent is a 404 with them;
 * - a value is put again under its token (ResourceExistsException at AWS), and without a stage the old one is read;
 * - the last use has seconds;
 * - a user is deleted who still has keys.
 */

const everything = (effect: "Allow" | "Deny", action: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: effect, Action: action, Resource: "*" }],
  });

describe.each(awsServices())("AWS by $name", ({ start }) => {
  let aws: AwsTestService;
  let admin: AwsClients;

  beforeAll(async () => {
    aws = await start();
    admin = awsClients(aws);
  });
  afterAll(async () => {
    admin[Symbol.dispose]();
    await aws.close();
  });

  const newUser = async (): Promise<string> => {
    const UserName = `user-${randomUUID()}`;
    await admin.iam.send(new CreateUserCommand({ UserName }));
    return UserName;
  };
  const newKey = async (UserName: string): Promise<AwsLogin> => {
    const { AccessKey: key } = await admin.iam.send(new CreateAccessKeyCommand({ UserName }));
    return { accessKeyId: key?.AccessKeyId ?? "", secretAccessKey: key?.SecretAccessKey ?? "" };
  };
  const whoIs = async (login: AwsLogin): Promise<string | undefined> => {
    using clients = awsClients(aws, login);
    return (await clients.sts.send(new GetCallerIdentityCommand({}))).Arn;
  };
  const allow = async (UserName: string, action: string): Promise<void> => {
    await admin.iam.send(
      new PutUserPolicyCommand({
        UserName,
        PolicyName: "allowed",
        PolicyDocument: everything("Allow", action),
      }),
    );
  };

  describe("access keys", () => {
    test("sign in as their user, and are listed without their secrets", async () => {
      const user = await newUser();
      const key = await newKey(user);
      expect(await whoIs(key)).toBe(`arn:aws:iam::${aws.account}:user/${user}`);
      const { AccessKeyMetadata: listed } = await admin.iam.send(
        new ListAccessKeysCommand({ UserName: user }),
      );
      expect(listed).toEqual([
        { UserName: user, AccessKeyId: key.accessKeyId, Status: "Active", CreateDate: expect.any(Date) },
      ]);
    });

    test("are two at most, and a third changes nothing", async () => {
      const user = await newUser();
      await newKey(user);
      await newKey(user);
      await expect(newKey(user)).rejects.toMatchObject({
        name: "LimitExceededException",
        $metadata: { httpStatusCode: 409 },
      });
      const { AccessKeyMetadata: listed } = await admin.iam.send(
        new ListAccessKeysCommand({ UserName: user }),
      );
      expect(listed).toHaveLength(2);
    });

    test("are refused while they are inactive, and good again after it", async () => {
      const UserName = await newUser();
      const key = await newKey(UserName);
      const set = async (Status: "Active" | "Inactive"): Promise<void> => {
        await admin.iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: key.accessKeyId, Status }));
      };
      await set("Inactive");
      await expect(whoIs(key)).rejects.toMatchObject({
        name: "InvalidClientTokenId",
        $metadata: { httpStatusCode: 403 },
      });
      await set("Active");
      expect(await whoIs(key)).toContain(UserName);
    });

    test("are gone after they are deleted, and deleting them again is told", async () => {
      const UserName = await newUser();
      const key = await newKey(UserName);
      const remove = new DeleteAccessKeyCommand({ UserName, AccessKeyId: key.accessKeyId });
      await admin.iam.send(remove);
      await expect(whoIs(key)).rejects.toMatchObject({ name: "InvalidClientTokenId" });
      await expect(admin.iam.send(remove)).rejects.toMatchObject({
        name: "NoSuchEntityException",
        $metadata: { httpStatusCode: 404 },
      });
      await newKey(UserName);
      await newKey(UserName);
    });

    test("with another secret are refused for their signature", async () => {
      const user = await newUser();
      const key = await newKey(user);
      const other = await newKey(user);
      await expect(whoIs({ ...key, secretAccessKey: other.secretAccessKey })).rejects.toMatchObject({
        name: "SignatureDoesNotMatch",
        $metadata: { httpStatusCode: 403 },
      });
    });

    test("that nobody made are refused", async () => {
      await expect(
        whoIs({ accessKeyId: "AKIAAAAAAAAAAAAAAAAA", secretAccessKey: "a".repeat(40) }),
      ).rejects.toMatchObject({ name: "InvalidClientTokenId" });
    });

    test("tell their last use: none at first, then by which service and where", async () => {
      const user = await newUser();
      const key = await newKey(user);
      const asked = new GetAccessKeyLastUsedCommand({ AccessKeyId: key.accessKeyId });
      const before = await admin.iam.send(asked);
      expect(before).toMatchObject({
        UserName: user,
        AccessKeyLastUsed: { ServiceName: "N/A", Region: "N/A" },
      });
      expect(before.AccessKeyLastUsed?.LastUsedDate).toBeUndefined();
      const from = Date.now();
      await whoIs(key);
      const { AccessKeyLastUsed: used } = await admin.iam.send(asked);
      expect(used).toMatchObject({ ServiceName: "sts", Region: aws.region });
      // AWS shows the minute.
      expect(used?.LastUsedDate?.getTime()).toBeGreaterThanOrEqual(from - 60_000);
      expect(used?.LastUsedDate?.getTime()).toBeLessThanOrEqual(Date.now());
    });

    test("of a user who is not there are told as no entity", async () => {
      await expect(admin.iam.send(new ListAccessKeysCommand({ UserName: "nobody" }))).rejects.toMatchObject({
        name: "NoSuchEntityException",
        $metadata: { httpStatusCode: 404 },
      });
    });
  });

  test("tags of a user are added, replaced and taken away", async () => {
    const UserName = await newUser();
    const tags = async (): Promise<unknown> =>
      (await admin.iam.send(new ListUserTagsCommand({ UserName }))).Tags ?? [];
    await admin.iam.send(
      new TagUserCommand({
        UserName,
        Tags: [
          { Key: "cre", Value: "v1/a b+c=d@é" },
          { Key: "team", Value: "shop" },
        ],
      }),
    );
    await admin.iam.send(new TagUserCommand({ UserName, Tags: [{ Key: "team", Value: "web" }] }));
    expect(await tags()).toEqual(
      expect.arrayContaining([
        { Key: "cre", Value: "v1/a b+c=d@é" },
        { Key: "team", Value: "web" },
      ]),
    );
    await admin.iam.send(new UntagUserCommand({ UserName, TagKeys: ["cre", "absent"] }));
    expect(await tags()).toEqual([{ Key: "team", Value: "web" }]);
    const { User: user } = await admin.iam.send(new GetUserCommand({ UserName }));
    expect(user?.Tags).toEqual([{ Key: "team", Value: "web" }]);
  });

  describe("policies", () => {
    test("of a user allow what they name, and nothing else", async () => {
      const user = await newUser();
      using clients = awsClients(aws, await newKey(user));
      const list = new ListAccessKeysCommand({ UserName: user });
      await expect(clients.iam.send(list)).rejects.toMatchObject({
        name: "AccessDenied",
        $metadata: { httpStatusCode: 403 },
        message: expect.stringContaining(
          `User: arn:aws:iam::${aws.account}:user/${user} is not authorized to perform: iam:ListAccessKeys`,
        ),
      });
      await allow(user, "iam:List*");
      expect((await clients.iam.send(list)).AccessKeyMetadata).toHaveLength(1);
      await expect(clients.iam.send(new CreateAccessKeyCommand({ UserName: user }))).rejects.toMatchObject({
        name: "AccessDenied",
      });
    });

    test("that deny win over those that allow, until they are taken away", async () => {
      const UserName = await newUser();
      await allow(UserName, "*");
      using clients = awsClients(aws, await newKey(UserName));
      const name = { UserName, PolicyName: "shut" };
      const deny = everything("Deny", "iam:*");
      await admin.iam.send(new PutUserPolicyCommand({ ...name, PolicyDocument: deny }));
      const kept = await admin.iam.send(new GetUserPolicyCommand(name));
      expect(JSON.parse(decodeURIComponent(kept.PolicyDocument ?? ""))).toEqual(JSON.parse(deny));
      const ask = new GetUserCommand({ UserName });
      await expect(clients.iam.send(ask)).rejects.toMatchObject({ name: "AccessDenied" });
      // No policy reaches this one.
      expect((await clients.sts.send(new GetCallerIdentityCommand({}))).Account).toBe(aws.account);
      await admin.iam.send(new DeleteUserPolicyCommand(name));
      expect((await clients.iam.send(ask)).User?.UserName).toBe(UserName);
      await expect(admin.iam.send(new DeleteUserPolicyCommand(name))).rejects.toMatchObject({
        name: "NoSuchEntityException",
      });
    });

    test("are refused where they are no JSON", async () => {
      const UserName = await newUser();
      await expect(
        admin.iam.send(
          new PutUserPolicyCommand({ UserName, PolicyName: "broken", PolicyDocument: "{Statement" }),
        ),
      ).rejects.toMatchObject({ name: "MalformedPolicyDocumentException" });
    });
  });

  test("a role is assumed by whom it trusts, and acts with its own policies", async () => {
    const user = await newUser();
    await allow(user, "sts:AssumeRole");
    const RoleName = `role-${randomUUID()}`;
    const trust = {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: `arn:aws:iam::${aws.account}:user/${user}` },
          Action: "sts:AssumeRole",
        },
      ],
    };
    const { Role: role } = await admin.iam.send(
      new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }),
    );
    await admin.iam.send(
      new PutRolePolicyCommand({
        RoleName,
        PolicyName: "allowed",
        PolicyDocument: everything("Allow", "iam:ListAccessKeys"),
      }),
    );
    const assume = new AssumeRoleCommand({
      RoleArn: role?.Arn,
      RoleSessionName: "cre-shop",
      DurationSeconds: 900,
    });
    using clients = awsClients(aws, await newKey(user));
    const { Credentials: given, AssumedRoleUser: assumed } = await clients.sts.send(assume);
    const session = {
      accessKeyId: given?.AccessKeyId ?? "",
      secretAccessKey: given?.SecretAccessKey ?? "",
      sessionToken: given?.SessionToken ?? "",
    };
    const arn = `arn:aws:sts::${aws.account}:assumed-role/${RoleName}/cre-shop`;
    expect(assumed?.Arn).toBe(arn);
    expect(await whoIs(session)).toBe(arn);
    using inRole = awsClients(aws, session);
    const list = new ListAccessKeysCommand({ UserName: user });
    expect((await inRole.iam.send(list)).AccessKeyMetadata).toHaveLength(1);
    await expect(inRole.iam.send(new GetUserCommand({ UserName: user }))).rejects.toMatchObject({
      name: "AccessDenied",
      message: expect.stringContaining(arn),
    });
    await expect(whoIs({ ...session, sessionToken: "another" })).rejects.toMatchObject({
      name: "InvalidClientTokenId",
    });
    const stranger = await newUser();
    await allow(stranger, "sts:AssumeRole");
    using strange = awsClients(aws, await newKey(stranger));
    await expect(strange.sts.send(assume)).rejects.toMatchObject({ name: "AccessDenied" });
  });

  describe("secrets", () => {
    const newSecret = async (value: string): Promise<{ SecretId: string; first: string }> => {
      const Name = `prod/${randomUUID()}`;
      const { VersionId: first = "" } = await admin.secrets.send(
        new CreateSecretCommand({ Name, SecretString: value }),
      );
      return { SecretId: Name, first };
    };
    const read = async (SecretId: string, VersionStage: string): Promise<string | undefined> =>
      (await admin.secrets.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString;
    const stages = async (SecretId: string): Promise<unknown> =>
      (await admin.secrets.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages;

    test("take a pending version beside the current one, and swap them by moving the stage", async () => {
      const { SecretId, first } = await newSecret("old");
      const pending = randomUUID();
      await admin.secrets.send(
        new PutSecretValueCommand({
          SecretId,
          ClientRequestToken: pending,
          SecretString: "new",
          VersionStages: ["AWSPENDING"],
        }),
      );
      expect(await stages(SecretId)).toEqual({ [first]: ["AWSCURRENT"], [pending]: ["AWSPENDING"] });
      expect(await read(SecretId, "AWSCURRENT")).toBe("old");
      expect(await read(SecretId, "AWSPENDING")).toBe("new");
      await admin.secrets.send(
        new UpdateSecretVersionStageCommand({
          SecretId,
          VersionStage: "AWSCURRENT",
          MoveToVersionId: pending,
          RemoveFromVersionId: first,
        }),
      );
      await admin.secrets.send(
        new UpdateSecretVersionStageCommand({
          SecretId,
          VersionStage: "AWSPENDING",
          RemoveFromVersionId: pending,
        }),
      );
      expect(await stages(SecretId)).toEqual({ [first]: ["AWSPREVIOUS"], [pending]: ["AWSCURRENT"] });
      expect(await read(SecretId, "AWSCURRENT")).toBe("new");
      expect(await read(SecretId, "AWSPREVIOUS")).toBe("old");
      await expect(read(SecretId, "AWSPENDING")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    });

    test("have a current version after each value that names no stage, and the one before", async () => {
      const { SecretId, first } = await newSecret("one");
      const second = randomUUID();
      await admin.secrets.send(
        new PutSecretValueCommand({ SecretId, ClientRequestToken: second, SecretString: "two" }),
      );
      expect(await stages(SecretId)).toEqual({ [first]: ["AWSPREVIOUS"], [second]: ["AWSCURRENT"] });
      const { SecretString } = await admin.secrets.send(
        new GetSecretValueCommand({ SecretId, VersionId: first }),
      );
      expect(SecretString).toBe("one");
    });

    test("take the same value under the same token once", async () => {
      const { SecretId, first } = await newSecret("one");
      const put = new PutSecretValueCommand({
        SecretId,
        ClientRequestToken: randomUUID(),
        SecretString: "two",
        VersionStages: ["AWSPENDING"],
      });
      const { VersionId: once = "" } = await admin.secrets.send(put);
      const { VersionId: twice } = await admin.secrets.send(put);
      expect(twice).toBe(once);
      expect(await stages(SecretId)).toEqual({ [first]: ["AWSCURRENT"], [once]: ["AWSPENDING"] });
    });

    test("have tags, and are told as absent where they are", async () => {
      const { SecretId } = await newSecret("one");
      await admin.secrets.send(
        new TagResourceCommand({ SecretId, Tags: [{ Key: "cre", Value: "attempt" }] }),
      );
      const { Tags: tags } = await admin.secrets.send(new DescribeSecretCommand({ SecretId }));
      expect(tags).toEqual([{ Key: "cre", Value: "attempt" }]);
      await expect(
        admin.secrets.send(new DescribeSecretCommand({ SecretId: "absent" })),
      ).rejects.toMatchObject({ name: "ResourceNotFoundException" });
      await expect(
        admin.secrets.send(new CreateSecretCommand({ Name: SecretId, SecretString: "two" })),
      ).rejects.toMatchObject({ name: "ResourceExistsException" });
    });

    test("are refused without permission", async () => {
      const { SecretId } = await newSecret("one");
      using clients = awsClients(aws, await newKey(await newUser()));
      await expect(
        clients.secrets.send(new GetSecretValueCommand({ SecretId, VersionStage: "AWSCURRENT" })),
      ).rejects.toMatchObject({
        $metadata: { httpStatusCode: aws.name === "moto" ? 403 : 400 },
      });
    });
  });

  describe("parameters", () => {
    const newParameter = async (Value: string): Promise<string> => {
      const Name = `/prod/${randomUUID()}/password`;
      await admin.ssm.send(new PutParameterCommand({ Name, Value, Type: "SecureString" }));
      return Name;
    };

    test("have versions and are overwritten only when that is asked", async () => {
      const Name = await newParameter("one");
      const put = { Name, Value: "two", Type: "SecureString" } as const;
      await expect(admin.ssm.send(new PutParameterCommand(put))).rejects.toMatchObject({
        name: "ParameterAlreadyExists",
      });
      const { Version: version } = await admin.ssm.send(new PutParameterCommand({ ...put, Overwrite: true }));
      expect(version).toBe(2);
      const { Parameter: latest } = await admin.ssm.send(
        new GetParameterCommand({ Name, WithDecryption: true }),
      );
      expect(latest).toMatchObject({ Name, Type: "SecureString", Value: "two", Version: 2 });
      const { Parameter: first } = await admin.ssm.send(
        new GetParameterCommand({ Name: `${Name}:1`, WithDecryption: true }),
      );
      expect(first).toMatchObject({ Value: "one", Version: 1 });
      await expect(admin.ssm.send(new GetParameterCommand({ Name: `${Name}:9` }))).rejects.toMatchObject({
        name: "ParameterVersionNotFound",
      });
      const { Parameters: history } = await admin.ssm.send(
        new GetParameterHistoryCommand({ Name, WithDecryption: true }),
      );
      expect(history?.map(({ Version, Value }) => [Version, Value])).toEqual([
        [1, "one"],
        [2, "two"],
      ]);
    });

    test("that are secret come encrypted unless their value is asked", async () => {
      const Name = await newParameter("one");
      const { Parameter: closed } = await admin.ssm.send(new GetParameterCommand({ Name }));
      expect(closed?.Value).not.toBe("one");
    });

    test("have labels that name one version at a time", async () => {
      const Name = await newParameter("one");
      await admin.ssm.send(new PutParameterCommand({ Name, Value: "two", Overwrite: true }));
      const labelled = async (): Promise<string | undefined> =>
        (await admin.ssm.send(new GetParameterCommand({ Name: `${Name}:pending`, WithDecryption: true })))
          .Parameter?.Value;
      for (const [ParameterVersion, value] of [
        [1, "one"],
        [2, "two"],
      ] as const) {
        await admin.ssm.send(
          new LabelParameterVersionCommand({ Name, ParameterVersion, Labels: ["pending"] }),
        );
        expect(await labelled()).toBe(value);
      }
    });

    test("have tags", async () => {
      const Name = await newParameter("one");
      const which = { ResourceType: "Parameter", ResourceId: Name } as const;
      await admin.ssm.send(
        new AddTagsToResourceCommand({ ...which, Tags: [{ Key: "cre", Value: "attempt" }] }),
      );
      const { TagList: tags } = await admin.ssm.send(new ListTagsForResourceCommand(which));
      expect(tags).toEqual([{ Key: "cre", Value: "attempt" }]);
    });

    test("are found by name and by path, and told as absent where they are", async () => {
      const Name = await newParameter("one");
      const absent = `${Name}/absent`;
      const several = await admin.ssm.send(
        new GetParametersCommand({ Names: [Name, absent], WithDecryption: true }),
      );
      expect(several.Parameters?.map(({ Value }) => Value)).toEqual(["one"]);
      expect(several.InvalidParameters).toEqual([absent]);
      const below = await admin.ssm.send(
        new GetParametersByPathCommand({ Path: Name.replace(/\/password$/, "") }),
      );
      expect(below.Parameters?.map((parameter) => parameter.Name)).toEqual([Name]);
      const described = await admin.ssm.send(
        new DescribeParametersCommand({
          ParameterFilters: [{ Key: "Name", Option: "Equals", Values: [Name] }],
        }),
      );
      expect(described.Parameters).toMatchObject([{ Name, Type: "SecureString", Version: 1 }]);
      await expect(admin.ssm.send(new GetParameterCommand({ Name: absent }))).rejects.toMatchObject({
        name: "ParameterNotFound",
      });
    });
  });
});
