import { randomUUID } from "node:crypto";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DeliverEntry } from "../../../core/documents/deliver.ts";
import { Secret } from "../../../core/model/secret.ts";
import { type AwsTestService, awsServices } from "../../../testing/services/aws/aws-service.ts";
import { attemptId, bindAws, clientOf } from "../../../testing/suites/aws-bench.ts";
import { type AwsFront, openFront } from "../../../testing/suites/aws-front.ts";
import { failureOf } from "../../../testing/suites/delivery-suite.ts";
import {
  consignmentOf,
  partsOf,
  passwordOf,
  type StagingDelivery,
  staging,
} from "../../../testing/suites/sample-consignment.ts";
import { awsSecretsManagerDelivery } from "./delivery.ts";

const { signal } = new AbortController();
const parcel = (attempt: string) => ({ ...consignmentOf(attempt), attempt: attemptId(attempt) });

/** The first step that finds a fault, and the one that would change something. */
function stepsOf(target: StagingDelivery): readonly (() => Promise<void>)[] {
  return [
    async () => target.preflight(signal),
    async () => target.stage(parcel("a1"), partsOf("a1"), signal),
  ];
}

describe.each(awsServices())("AWS of $name", ({ start }) => {
  let aws: AwsTestService;
  let people: SecretsManager;
  let front: AwsFront;
  let secretId: string;

  beforeAll(async () => {
    aws = await start();
    people = new SecretsManager(clientOf(aws));
  });
  afterAll(async () => {
    people.destroy();
    await aws.close();
  });
  beforeEach(async () => {
    secretId = `prod/orders-${randomUUID()}`;
    front = await openFront(aws.endpoint);
  });
  afterEach(async () => front.close());

  async function create(value: { SecretString: string } | { SecretBinary: Uint8Array } | object) {
    await people.createSecret({ Name: secretId, ...value });
  }

  async function bind(
    values?: Readonly<Record<string, string>>,
    pause = async () => undefined as void,
  ): Promise<StagingDelivery> {
    const entry: DeliverEntry = {
      "aws-secrets-manager": { connection: "prod-aws", secretId, ...(values && { values }) },
    };
    return staging(
      await bindAws(awsSecretsManagerDelivery, { ...aws, endpoint: front.endpoint }, entry, { pause }),
    );
  }

  async function rotate(target: StagingDelivery, attempt: string): Promise<void> {
    await target.stage(parcel(attempt), partsOf(attempt), signal);
    await target.promote(parcel(attempt), signal);
  }

  async function current(): Promise<string | undefined> {
    const found = await people.getSecretValue({ SecretId: secretId, VersionStage: "AWSCURRENT" });
    return found.SecretString;
  }

  async function idOfCurrent(): Promise<string> {
    const found = await people.getSecretValue({ SecretId: secretId, VersionStage: "AWSCURRENT" });
    return found.VersionId ?? "";
  }

  /** In two steps: moto leaves AWSCURRENT on ours when a value is put in one. */
  async function putByHand(value: string): Promise<void> {
    const before = await idOfCurrent();
    const put = { SecretId: secretId, SecretString: value, VersionStages: ["BY-HAND"] };
    const { VersionId: id } = await people.putSecretValue(put);
    await people.updateSecretVersionStage({
      SecretId: secretId,
      VersionStage: "AWSCURRENT",
      RemoveFromVersionId: before,
      MoveToVersionId: id,
    });
  }

  test("keys of people stay as they are, digit by digit and in their place", async () => {
    await create({
      SecretString:
        '{"password":"old","limit":12345678901234567890,"rate":1.0,"nested":{"a":[1e400]},"__proto__":"p"}',
    });
    await rotate(await bind({ password: "{password}", "url.db": "db://{username}:{password:uri}@h" }), "a1");
    const url = `db://orders_a:${encodeURIComponent(passwordOf("a1"))}@h`;
    expect(await current()).toBe(
      `{"password":${JSON.stringify(passwordOf("a1"))},"limit":12345678901234567890,"rate":1.0,` +
        `"nested":{"a":[1e400]},"__proto__":"p","url.db":${JSON.stringify(url)}}`,
    );
  });

  test("an attempt that was dropped can be staged again", async () => {
    await create({ SecretString: "{}" });
    const target = await bind();
    await target.stage(parcel("a1"), partsOf("a1"), signal);
    await target.abort(parcel("a1"), signal);
    expect(await target.holds(signal)).not.toHaveProperty("pending");
    await rotate(target, "a1");
    expect(await target.holds(signal)).toEqual({ current: attemptId("a1") });
  });

  test("without templates every part has its own key", async () => {
    await create({ SecretString: "{}" });
    await rotate(await bind(), "a1");
    expect(await current()).toBe(JSON.stringify({ username: "orders_a", password: passwordOf("a1") }));
  });

  test.each([
    ["text", { SecretString: "just a password canary-x" }],
    ["a list", { SecretString: '["canary-x"]' }],
    ["a number", { SecretString: "12" }],
    ["null", { SecretString: "null" }],
    ["binary", { SecretBinary: Buffer.from("canary-x") }],
  ])("a secret that holds %s is refused before anything is changed", async (_, value) => {
    await create(value);
    const target = await bind();
    for (const step of stepsOf(target)) {
      expect(await failureOf(step())).toMatchObject({ outcome: "refused", retryable: false });
    }
    const { VersionIdsToStages: stages } = await people.describeSecret({ SecretId: secretId });
    expect(Object.values(stages ?? {})).toEqual([["AWSCURRENT"]]);
  });

  test("a secret without a value is refused: AWS would make the first version current at once", async () => {
    await create({});
    const target = await bind();
    const failure = await failureOf(target.preflight(signal));
    expect(failure).toMatchObject({ code: "aws-secret-empty", retryable: false });
    expect(failure.fix).toBe(
      `aws secretsmanager put-secret-value --region ${aws.region} --secret-id ${secretId} --secret-string '{}'`,
    );
    expect((await failureOf(target.stage(parcel("a1"), partsOf("a1"), signal))).outcome).toBe("refused");
    expect(await target.holds(signal)).toEqual({});
  });

  test("a secret that is not there is refused with the command that makes it", async () => {
    const failure = await failureOf((await bind()).preflight(signal));
    expect(failure).toMatchObject({ code: "aws-secret-missing", outcome: "refused", retryable: false });
    expect(failure.fix).toContain(
      `aws secretsmanager create-secret --region ${aws.region} --name ${secretId}`,
    );
  });

  test.each([
    ["is going to be deleted", { DeletedDate: 1_790_000_000 }, "aws-secret-deleted"],
    ["is rotated by a function", { RotationEnabled: true, RotationLambdaARN: "arn:f" }, "aws-secret-rotated"],
    ["belongs to a service of AWS", { OwningService: "rds" }, "aws-secret-rotated"],
    ["is a copy of one of another region", { PrimaryRegion: "us-east-1" }, "aws-secret-copy"],
  ])("a secret that %s is refused", async (_, fields, code) => {
    await create({ SecretString: "{}" });
    front.add("DescribeSecret", fields);
    const failure = await failureOf((await bind()).preflight(signal));
    expect(failure).toMatchObject({ code, outcome: "refused", retryable: false });
    expect(failure.fix).not.toBe("");
  });

  test("a version of somebody else that waits is never taken the place of", async () => {
    await create({ SecretString: "{}" });
    const theirs = randomUUID();
    await people.putSecretValue({
      SecretId: secretId,
      ClientRequestToken: theirs,
      SecretString: '{"theirs":1}',
      VersionStages: ["AWSPENDING"],
    });
    const target = await bind();
    for (const step of stepsOf(target)) {
      const failure = await failureOf(step());
      expect(failure).toMatchObject({ code: "aws-secret-pending", outcome: "refused", retryable: false });
      expect(failure.evidence).toContain(theirs);
    }
    await target.abort(parcel("a1"), signal);
    expect(await target.holds(signal)).toMatchObject({ pending: theirs });
  });

  test("a value that is too large is refused before it is sent", async () => {
    await create({ SecretString: JSON.stringify({ theirs: "x".repeat(65_000) }) });
    const large = new Map([["password", new Secret("canary-".repeat(100))]]);
    const failure = await failureOf((await bind()).stage(parcel("a1"), large, signal));
    expect(failure).toMatchObject({ code: "aws-secret-too-large", outcome: "refused", retryable: false });
  });

  test("what was staged a moment ago and does not show yet is looked for again", async () => {
    await create({ SecretString: "{}" });
    const before = await people.describeSecret({ SecretId: secretId });
    let pauses = 0;
    const target = await bind(undefined, async () => {
      pauses += 1;
      if (pauses === 2) front.add("DescribeSecret", {});
    });
    await target.stage(parcel("a1"), partsOf("a1"), signal);
    front.add("DescribeSecret", { VersionIdsToStages: before.VersionIdsToStages });
    await target.promote(parcel("a1"), signal);
    expect(pauses).toBe(2);
    expect(await target.holds(signal)).toEqual({ current: attemptId("a1") });
  });

  test("a move of AWSCURRENT between our look and our promote is refused by AWS", async () => {
    await create({ SecretString: "{}" });
    const target = await bind();
    await target.stage(parcel("a1"), partsOf("a1"), signal);
    front.before("UpdateSecretVersionStage", async () => {
      await people.putSecretValue({ SecretId: secretId, SecretString: '{"flag":"new"}' });
    });
    expect((await failureOf(target.promote(parcel("a1"), signal))).outcome).toBe("refused");
    expect(await current()).toBe('{"flag":"new"}');
  });

  test("what somebody puts between our look and our stage is not undone: the attempt is dropped", async () => {
    await create({ SecretString: '{"flag":"old"}' });
    const target = await bind();
    await rotate(target, "a1");
    front.before("PutSecretValue", async () => putByHand('{"flag":"new"}'));
    const failure = await failureOf(target.stage(parcel("a2"), partsOf("a2"), signal));
    expect(failure).toMatchObject({ code: "aws-secret-changed", outcome: "refused", retryable: true });
    expect(await target.holds(signal)).toEqual({ current: await idOfCurrent() });
    expect((await failureOf(target.promote(parcel("a2"), signal))).outcome).toBe("refused");
    await rotate(target, "a3");
    expect(JSON.parse((await current()) ?? "")).toMatchObject({ flag: "new", password: passwordOf("a3") });
  });

  test("what a person puts into the secret afterwards is told by its own id, and stays beside the next version", async () => {
    await create({ SecretString: "{}" });
    const target = await bind();
    await rotate(target, "a1");
    await putByHand('{"added":"by hand"}');
    expect(await target.holds(signal)).toEqual({ current: await idOfCurrent() });
    await rotate(target, "a2");
    expect(JSON.parse((await current()) ?? "")).toMatchObject({
      added: "by hand",
      password: passwordOf("a2"),
    });
  });

  test("a denied key is told by the right that is missing", async () => {
    await create({ SecretString: "{}" });
    front.refuse("GetSecretValue", "AccessDeniedException", "Access to KMS is not allowed");
    const failure = await failureOf((await bind()).preflight(signal));
    expect(failure).toMatchObject({ code: "permission-missing", evidence: expect.stringContaining("KMS") });
    expect(failure.message).toContain("kms:Decrypt");
  });
});
