import { IAM } from "@aws-sdk/client-iam";
import { STS } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { instantOf } from "../../core/model/instant.ts";
import { fenceOn, markOf, signsIn, soon } from "../services/aws-orders.ts";
import { type AwsEstate, openAwsEstate, type RoleName } from "./aws-estate.ts";
import { bindRotator, live } from "./aws-life.ts";
import { listed, policyFiles, policyOf, rightsOf, statementsOf } from "./aws-policies.ts";

let estate: AwsEstate;
beforeAll(async () => {
  estate = await openAwsEstate("two accounts");
});
afterAll(async () => estate[Symbol.asyncDispose]());

/** IAM as somebody sees it who stole a session of the role. */
async function as(role: RoleName): Promise<IAM & Disposable> {
  const { aws, iam, places } = estate;
  const { endpoint, region } = aws;
  const name = `thief-of-${role}`;
  // A role of the same rights that the test can become: the trust of the others is not the matter here.
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: { Effect: "Allow", Principal: { AWS: places.ACCOUNT }, Action: "sts:AssumeRole" },
  });
  await iam.createRole({ RoleName: name, AssumeRolePolicyDocument }).catch(() => undefined);
  const RoleArn = `arn:aws:iam::${places.ACCOUNT}:role/${name}`;
  aws.detachAll(RoleArn);
  aws.attach(
    RoleArn,
    policyOf(role === "cre-make-keys" ? "make-keys-policy.json" : "end-keys-policy.json", places),
  );
  const sts = new STS({ endpoint, region, credentials: aws.adminOf(places.ACCOUNT) });
  const { Credentials: given } = await sts.assumeRole({ RoleArn, RoleSessionName: "thief" });
  sts.destroy();
  const client = new IAM({
    endpoint,
    region,
    maxAttempts: 1,
    credentials: {
      accessKeyId: given?.AccessKeyId ?? "",
      secretAccessKey: given?.SecretAccessKey ?? "",
      sessionToken: given?.SessionToken ?? "",
    },
  });
  return Object.assign(client, { [Symbol.dispose]: () => client.destroy() });
}

const POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

describe("the role that makes keys", () => {
  test("cannot switch keys off, delete them, or give anybody rights", async () => {
    using iam = await as("cre-make-keys");
    const { user: UserName, key } = await estate.newUser();
    const AccessKeyId = key.accessKeyId;
    for (const [action, act] of [
      ["UpdateAccessKey", async () => iam.updateAccessKey({ UserName, AccessKeyId, Status: "Inactive" })],
      ["DeleteAccessKey", async () => iam.deleteAccessKey({ UserName, AccessKeyId })],
      ["PutUserPolicy", async () => iam.putUserPolicy({ UserName, PolicyName: "x", PolicyDocument: POLICY })],
    ] as const) {
      await expect(act()).rejects.toThrow(`not authorized to perform: iam:${action}`);
    }
    expect(await signsIn(estate.aws, key)).toBe(true);
  });

  test("cannot become the role that ends keys", async () => {
    const { aws, connection } = estate;
    const rotator = await bindRotator(estate, (await estate.newUser()).user, {
      connection: { revokeRole: "arn:aws:iam::444455556666:role/thief-of-cre-make-keys" },
    });
    await expect(rotator.preflight(soon())).rejects.toMatchObject({ code: "permission-missing" });
    await rotator.close();
    expect(connection.revokeRole).toBe(estate.roleArn("cre-end-keys"));
    const asked = aws.calls.findLast(({ action }) => action === "sts:AssumeRole");
    expect(asked).toMatchObject({ error: "AccessDenied" });
  });
});

describe("the role that ends keys", () => {
  test("cannot make keys, look at them, or give rights to a user without the boundary", async () => {
    using iam = await as("cre-end-keys");
    const { user: UserName } = await estate.newUser();
    await expect(iam.createAccessKey({ UserName })).rejects.toThrow("perform: iam:CreateAccessKey");
    await expect(iam.listAccessKeys({ UserName })).rejects.toThrow("perform: iam:ListAccessKeys");
    const unbounded = "orders-unbounded";
    await estate.iam.createUser({ UserName: unbounded, Path: "/rotated/" });
    await expect(
      iam.putUserPolicy({ UserName: unbounded, PolicyName: "x", PolicyDocument: POLICY }),
    ).rejects.toThrow("perform: iam:PutUserPolicy");
    await iam.putUserPolicy({ UserName, PolicyName: "x", PolicyDocument: POLICY });
    expect((await estate.iam.listUserPolicies({ UserName: unbounded })).PolicyNames).toEqual([]);
  });
});

describe.each(["cre-make-keys", "cre-end-keys"] as const)("%s", (role) => {
  test("touches no user outside the path", async () => {
    using iam = await as(role);
    for (const path of ["/", "/other/", "/other/rotated/"]) {
      const { user: UserName, key } = await estate.newUser(path);
      const AccessKeyId = key.accessKeyId;
      for (const act of [
        async () => iam.listAccessKeys({ UserName }),
        async () => iam.listUserTags({ UserName }),
        async () => iam.getAccessKeyLastUsed({ AccessKeyId }),
        async () => iam.createAccessKey({ UserName }),
        async () => iam.tagUser({ UserName, Tags: [{ Key: "cre/x", Value: "x" }] }),
        async () => iam.untagUser({ UserName, TagKeys: ["cre/x"] }),
        async () => iam.updateAccessKey({ UserName, AccessKeyId, Status: "Inactive" }),
        async () => iam.deleteAccessKey({ UserName, AccessKeyId }),
        async () => iam.putUserPolicy({ UserName, PolicyName: "x", PolicyDocument: POLICY }),
      ]) {
        await expect(act()).rejects.toMatchObject({ name: "AccessDenied" });
      }
    }
  });

  test("writes and removes no tag but its own", async () => {
    using iam = await as(role);
    const { user: UserName } = await estate.newUser();
    await estate.iam.tagUser({ UserName, Tags: [{ Key: "team", Value: "payments" }] });
    const tags = (...keys: readonly string[]) => keys.map((Key) => ({ Key, Value: "stolen" }));
    await expect(iam.tagUser({ UserName, Tags: tags("team") })).rejects.toThrow("perform: iam:TagUser");
    await expect(iam.tagUser({ UserName, Tags: tags("cre/x", "team") })).rejects.toThrow("iam:TagUser");
    await expect(iam.untagUser({ UserName, TagKeys: ["team"] })).rejects.toThrow("iam:UntagUser");
    await iam.tagUser({ UserName, Tags: tags("cre/x") });
    await iam.untagUser({ UserName, TagKeys: ["cre/x"] });
    expect((await estate.iam.listUserTags({ UserName })).Tags).toEqual([{ Key: "team", Value: "payments" }]);
  });
});

test("a credential that names a user outside the path is refused before anything happens", async () => {
  const { user, arn } = await estate.newUser("/");
  const rotator = await bindRotator(estate, user);
  await expect(rotator.preflight(soon())).rejects.toMatchObject({
    code: "permission-missing",
    evidence: expect.stringContaining(`on resource: user ${user}`),
  });
  expect(arn).toBe(`arn:aws:iam::${estate.places.ACCOUNT}:user/${user}`);
  await rotator.close();
});

test("without the statement for emergencies all but the sessions is contained, and the evidence says which right is missing", async () => {
  estate.take(rightsOf("end-keys-policy.json").find(({ action }) => action === "iam:PutUserPolicy"));
  const { user, key } = await estate.newUser();
  const rotator = await bindRotator(estate, user);
  const [seen] = await rotator.observe(soon());
  if (seen === undefined) throw new Error("no key");
  await rotator.adopt(seen, markOf("adoption", 1), soon());
  const [adopted = seen] = await rotator.observe(soon());
  await rotator.revoke(adopted, fenceOn(adopted, 2), soon());
  const evidence = (await rotator.contain?.(adopted, instantOf(1_790_000_000), soon())) ?? [];
  expect(evidence).toMatchObject([
    { place: `access key ${key.accessKeyId}`, dead: true, detail: "deleted" },
    {
      place: `sessions of the user ${user} of aws prod-aws`,
      dead: false,
      detail: expect.stringContaining("may not iam:PutUserPolicy"),
    },
  ]);
  await rotator.close();
  estate.take(undefined);
});

describe("the files", () => {
  const permissions = policyFiles().filter((file) => !file.startsWith("trust-"));

  test.each(permissions)(
    "%s names each action and each resource, with no wildcard but the end of a path",
    (file) => {
      for (const { Effect, Action, Resource, NotAction, NotResource } of statementsOf(
        policyOf(file, estate.places),
      )) {
        expect({ Effect, NotAction, NotResource }).toEqual({ Effect: "Allow" });
        const actions = /^(iam|sts|ssm|secretsmanager|acm):[A-Za-z]+$/;
        expect(listed(Action).filter((action) => !actions.test(action))).toEqual([]);
        const bounded = /^arn:aws:[a-z]+:[a-z0-9-]*:\d{12}:[^*?]+(\/\*)?$/;
        expect(listed(Resource).filter((resource) => !bounded.test(resource))).toEqual([]);
      }
    },
  );

  test.each(policyFiles())("%s has no placeholder that the page does not name", (file) => {
    const text = JSON.stringify(policyOf(file, estate.places)).replaceAll('"AWS":', "");
    expect(text).not.toMatch(/[:/"][A-Z]{2,}/);
  });
});

test("in one account the trust of the roles is enough", async () => {
  await using one = await openAwsEstate("one account");
  expect(await live(one)).toEqual([]);
});

test("without a role for the login, the workflow becomes the role that makes keys, and the other one trusts that", async () => {
  await using one = await openAwsEstate("one account");
  const { aws, iam, places, connection } = one;
  const newRole = async (name: string, trust: object, file: string): Promise<string> => {
    await iam.createRole({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) });
    const role = `arn:aws:iam::${aws.account}:role/${name}`;
    aws.attach(role, policyOf(file, places));
    return role;
  };
  const make = await newRole("make", policyOf("trust-policy-github.json", places), "make-keys-policy.json");
  const trust = JSON.stringify(policyOf("trust-policy-role.json", places)).replace(
    one.roleArn("cre-runner"),
    make,
  );
  const revokeRole = await newRole("end", JSON.parse(trust), "end-keys-policy.json");
  const { assumeRole: _, ...direct } = connection;
  const { user } = await one.newUser();
  const rotator = await bindRotator({ ...one, connection: { ...direct, revokeRole } }, user, {
    secrets: one.job(undefined, make),
  });
  const [seen] = await rotator.observe(soon());
  if (seen === undefined) throw new Error("no key");
  await rotator.adopt(seen, markOf("adoption", 1), soon());
  await rotator.preflight(soon());
  const [adopted = seen] = await rotator.observe(soon());
  await rotator.revoke(adopted, fenceOn(adopted, 2), soon());
  expect(aws.keys(user)).toEqual([]);
  await rotator.close();
});
