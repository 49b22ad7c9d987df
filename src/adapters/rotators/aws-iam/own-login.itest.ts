import { IAM } from "@aws-sdk/client-iam";
import { STS } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type AwsStandIn,
  type AwsTestLogin,
  startAwsStandIn,
} from "../../../testing/services/aws/aws-service.ts";
import { bindAwsIam, soon } from "../../../testing/services/aws-orders.ts";

const USER = "orders";
const EVERYTHING = {
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Action: "*", Resource: "*" },
} as const;

let aws: AwsStandIn;
let iam: IAM;
let key: AwsTestLogin;

beforeAll(async () => {
  aws = await startAwsStandIn();
  iam = new IAM({ endpoint: aws.endpoint, region: aws.region, credentials: aws.admin });
  await iam.createUser({ UserName: USER, Path: "/rotated/" });
  const { AccessKey: made } = await iam.createAccessKey({ UserName: USER });
  key = { accessKeyId: made?.AccessKeyId ?? "", secretAccessKey: made?.SecretAccessKey ?? "" };
  for (const name of ["cre-make-keys", "cre-end-keys"]) {
    const trusted = { AWS: `arn:aws:iam::${aws.account}:root` };
    await iam.createRole({
      RoleName: name,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: { Effect: "Allow", Principal: trusted, Action: "sts:AssumeRole" },
      }),
    });
    aws.attach(roleArn(name), EVERYTHING);
  }
  aws.attach(`arn:aws:iam::${aws.account}:user/rotated/${USER}`, EVERYTHING);
});
afterAll(async () => {
  iam.destroy();
  await aws.close();
});

function roleArn(name: string, account = aws.account): string {
  return `arn:aws:iam::${account}:role/${name}`;
}

async function session(): Promise<AwsTestLogin & { sessionToken: string }> {
  const sts = new STS({ endpoint: aws.endpoint, region: aws.region, credentials: key });
  const { Credentials: given } = await sts.getSessionToken({});
  sts.destroy();
  return {
    accessKeyId: given?.AccessKeyId ?? "",
    secretAccessKey: given?.SecretAccessKey ?? "",
    sessionToken: given?.SessionToken ?? "",
  };
}

test.each([
  ["its key, with a role between", async () => key],
  ["a session of its, with a role between", session],
])("a runner that signs in as the user by %s is refused", async (_, login) => {
  const rotator = await bindAwsIam(aws, USER, {
    login: await login(),
    connection: { assumeRole: roleArn("cre-make-keys") },
  });
  await expect(rotator.preflight(soon())).rejects.toMatchObject({
    code: "own-login",
    evidence: `arn:aws:iam::${aws.account}:user/rotated/${USER}`,
  });
  await rotator.close();
});

test.each([
  ["the login", {}],
  ["the role that makes keys", { assumeRole: "cre-make-keys" }],
])("a role that ends keys in another account than %s is refused before anything happens", async (_, make) => {
  const rotator = await bindAwsIam(aws, USER, {
    connection: {
      ...("assumeRole" in make ? { assumeRole: roleArn(make.assumeRole) } : {}),
      revokeRole: roleArn("cre-end-keys", "444455556666"),
    },
  });
  const calls = aws.calls.length;
  await expect(rotator.preflight(soon())).rejects.toMatchObject({
    code: "two-accounts",
    evidence: `keys are made in ${aws.account}, and ended in 444455556666`,
  });
  expect(aws.calls.slice(calls).map(({ action }) => action)).not.toContain("iam:UntagUser");
  await rotator.close();
});

test("another user of the same account is no hindrance", async () => {
  const rotator = await bindAwsIam(aws, USER, {
    connection: { assumeRole: roleArn("cre-make-keys"), revokeRole: roleArn("cre-end-keys") },
  });
  await expect(rotator.preflight(soon())).resolves.toBeUndefined();
  await rotator.close();
});
