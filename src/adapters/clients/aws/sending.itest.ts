import { IAM } from "@aws-sdk/client-iam";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type AwsStandIn, startAwsStandIn } from "../../../testing/services/aws/aws-service.ts";
import { createAuthority } from "../../../testing/services/certificates.ts";
import { clientOf, secretsOf } from "../../../testing/suites/aws-bench.ts";
import { failureOf } from "../../../testing/suites/delivery-suite.ts";
import { listen } from "../../../testing/suites/webhook-bench.ts";
import { awsClientOptions } from "./client-options.ts";
import { send, twoClients } from "./sending.ts";

const DESCRIBE = { place: "secret orders of aws prod", action: "secretsmanager:DescribeSecret" } as const;
const { signal } = new AbortController();
let aws: AwsStandIn;

beforeAll(async () => {
  aws = await startAwsStandIn();
});
afterAll(async () => aws.close());

async function optionsFor(use: "question" | "effect") {
  const { region, endpoint, admin } = aws;
  return awsClientOptions(
    { name: "prod", connection: { region, endpoint }, secrets: secretsOf(admin), credential: "orders" },
    use,
  );
}

async function ask(client: Promise<SecretsManager>, until = signal): Promise<unknown> {
  return send(client, DESCRIBE, until, async (ready, options) =>
    ready.describeSecret({ SecretId: "orders" }, options),
  );
}

test("a request that is not answered in its time ends, and what became of it is unknown", async () => {
  aws.fail("secretsmanager:DescribeSecret", "hang");
  const options = await optionsFor("effect");
  const requestHandler = { ...options.requestHandler, requestTimeout: 100 };
  const failure = await failureOf(ask(Promise.resolve(new SecretsManager({ ...options, requestHandler }))));
  expect(failure).toMatchObject({ outcome: "unknown", code: "no-answer" });
});

test("an effect is sent once, a question again", async () => {
  const sent = () => aws.calls.filter(({ action }) => action === DESCRIBE.action).length;
  aws.fail("secretsmanager:DescribeSecret", "error500", 9);
  const before = sent();
  await failureOf(ask(Promise.resolve(new SecretsManager(await optionsFor("effect")))));
  expect(sent() - before).toBe(1);
  await failureOf(ask(Promise.resolve(new SecretsManager(await optionsFor("question")))));
  expect(sent() - before).toBe(4);
  aws.recover();
});

test("an interrupted run sends nothing", async () => {
  const before = aws.calls.length;
  const client = Promise.resolve(new SecretsManager(await optionsFor("question")));
  expect(await failureOf(ask(client, AbortSignal.abort()))).toMatchObject({
    outcome: "refused",
    code: "interrupted",
  });
  expect(aws.calls.length).toBe(before);
});

test("a role that asks for an external id is assumed with it, and not without", async () => {
  const { region, endpoint, account, admin } = aws;
  const iam = new IAM(clientOf(aws));
  const trust = {
    Version: "2012-10-17",
    Statement: {
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: "sts:AssumeRole",
      Condition: { StringEquals: { "sts:ExternalId": "orders-7" } },
    },
  };
  const { Role: role } = await iam.createRole({
    RoleName: "cre-deliver",
    AssumeRolePolicyDocument: JSON.stringify(trust),
  });
  iam.destroy();
  const arn = role?.Arn ?? "";
  const everything = { Effect: "Allow", Action: "secretsmanager:*", Resource: "*" } as const;
  aws.attach(arn, { Version: "2012-10-17", Statement: everything });
  const askAs = async (externalId: string | undefined): Promise<unknown> => {
    const connection = {
      region,
      endpoint,
      assumeRole: arn,
      ...(externalId === undefined ? {} : { externalId }),
    };
    const login = { name: "prod", connection, secrets: secretsOf(admin), credential: "orders" };
    return ask(Promise.resolve(new SecretsManager(await awsClientOptions(login, "question"))));
  };
  // There is no such secret: whoever is told that has assumed the role.
  expect((await failureOf(askAs("orders-7"))).evidence).toContain("ResourceNotFoundException");
  for (const wrong of [undefined, "orders-8"]) {
    const failure = await failureOf(askAs(wrong));
    expect(failure).toMatchObject({ outcome: "refused", code: "permission-missing" });
    expect(failure.message).toContain("sts:AssumeRole");
  }
});

test("a client is made once, and made again after it could not be made", async () => {
  let tries = 0;
  const clients = twoClients(async (use) => {
    tries += 1;
    if (tries === 1) throw new Error("no login yet");
    return { use, tries };
  });
  await expect(clients.asking()).rejects.toThrow("no login yet");
  expect(await clients.asking()).toBe(await clients.asking());
  expect(await clients.acting()).toEqual({ use: "effect", tries: 3 });
});

test("a certificate that nobody vouches for is refused, whatever the environment says", async () => {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  let asked = 0;
  const server = await listen(
    (_, response) => {
      asked += 1;
      response.end("{}");
    },
    createAuthority().issue(["127.0.0.1"]),
  );
  const { region, admin } = aws;
  const connection = { region, endpoint: `https://127.0.0.1:${server.port}` };
  const login = { name: "prod", connection, secrets: secretsOf(admin), credential: "orders" };
  for (const role of [undefined, "arn:aws:iam::111122223333:role/cre-deliver"]) {
    const client = new SecretsManager(await awsClientOptions(login, "effect", role));
    const failure = await failureOf(ask(Promise.resolve(client)));
    client.destroy();
    expect(failure).toMatchObject({ outcome: "refused", code: "certificate" });
    expect(failure.evidence).toContain("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  }
  vi.unstubAllEnvs();
  await server.close();
  expect(asked).toBe(0);
});
