import { randomUUID } from "node:crypto";
import { SSM } from "@aws-sdk/client-ssm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Secret } from "../../../core/model/secret.ts";
import { type AwsTestService, awsServices } from "../../../testing/services/aws/aws-service.ts";
import { attemptId, bindAws, clientOf } from "../../../testing/suites/aws-bench.ts";
import { type AwsFront, openFront } from "../../../testing/suites/aws-front.ts";
import { failureOf } from "../../../testing/suites/delivery-suite.ts";
import {
  consignmentOf,
  type PushDelivery,
  partsOf,
  passwordOf,
  pushing,
} from "../../../testing/suites/sample-consignment.ts";
import { awsSsmDelivery } from "./delivery.ts";

const { signal } = new AbortController();
const parcel = (attempt: string) => ({ ...consignmentOf(attempt), attempt: attemptId(attempt) });

describe.each(awsServices())("AWS of $name", ({ start }) => {
  let aws: AwsTestService;
  let people: SSM;
  let front: AwsFront;
  let name: string;

  beforeAll(async () => {
    aws = await start();
    people = new SSM(clientOf(aws));
  });
  afterAll(async () => {
    people.destroy();
    await aws.close();
  });
  beforeEach(async () => {
    name = `/prod/orders-${randomUUID()}`;
    front = await openFront(aws.endpoint);
  });
  afterEach(async () => front.close());

  async function bind(values = { [name]: "{password}" }): Promise<PushDelivery> {
    const entry = { "aws-ssm": { connection: "prod-aws", values } };
    return pushing(await bindAws(awsSsmDelivery, { ...aws, endpoint: front.endpoint }, entry));
  }

  async function push(attempt: string): Promise<void> {
    await (await bind()).push(parcel(attempt), partsOf(attempt), signal);
  }

  async function newest() {
    const { Parameters: versions = [] } = await people.getParameterHistory({ Name: name });
    return versions.at(-1);
  }

  test("a parameter that is not there is made, encrypted, and says which attempt it has", async () => {
    const target = await bind();
    await target.preflight(signal);
    await push("a1");
    expect(await newest()).toMatchObject({
      Type: "SecureString",
      Version: 1,
      Description: `[cre:${attemptId("a1")}:1]`,
    });
  });

  test("its key, tier and description stay: AWS would go back to its defaults", async () => {
    await people.putParameter({
      Name: name,
      Value: "old",
      Type: "SecureString",
      KeyId: "alias/orders",
      Tier: "Advanced",
      Description: "Password of orders",
    });
    await push("a1");
    await push("a2");
    expect(await newest()).toMatchObject({
      KeyId: "alias/orders",
      Tier: "Advanced",
      Description: `Password of orders [cre:${attemptId("a2")}:3]`,
    });
  });

  test.each(["String", "StringList"] as const)("a parameter of type %s is refused", async (type) => {
    await people.putParameter({ Name: name, Value: "plain", Type: type });
    const target = await bind();
    for (const step of [
      async () => target.preflight(signal),
      async () => target.push(parcel("a1"), partsOf("a1"), signal),
    ]) {
      expect(await failureOf(step())).toMatchObject({ code: "aws-ssm-plain", retryable: false });
    }
    expect(await newest()).toMatchObject({ Version: 1, Type: type });
  });

  test("a value that is too large is refused before any parameter is changed", async () => {
    const target = await bind({ [name]: "{password}", [`${name}/large`]: "{large}" });
    const parts = new Map([...partsOf("a1"), ["large", new Secret("canary-".repeat(600))]]);
    const failure = await failureOf(target.push(parcel("a1"), parts, signal));
    expect(failure).toMatchObject({ code: "aws-ssm-too-large", outcome: "refused", retryable: false });
    expect(await target.holds(signal)).toEqual({});
  });

  test("a value that somebody else put is not taken for ours, whether or not it kept the description", async () => {
    const target = await bind();
    await push("a1");
    const { Description: description } = (await newest()) ?? {};
    const theirs = { Name: name, Value: "theirs", Overwrite: true, Type: "SecureString" } as const;
    await people.putParameter({ ...theirs, Description: description });
    expect(await target.holds(signal)).toEqual({ unclear: true });
    await people.putParameter({ ...theirs, Description: "by hand" });
    expect(await target.holds(signal)).toEqual({});
    await push("a2");
    expect(await target.holds(signal)).toEqual({ current: attemptId("a2") });
  });

  test("when somebody else puts a value at the same moment, ours is put again, with the right version", async () => {
    await push("a1");
    front.before("PutParameter", async () => {
      await people.putParameter({ Name: name, Value: "theirs", Overwrite: true, Type: "SecureString" });
    });
    await push("a2");
    expect(await newest()).toMatchObject({ Version: 4, Description: `[cre:${attemptId("a2")}:4]` });
    const found = await people.getParameter({ Name: name, WithDecryption: true });
    expect(found.Parameter?.Value).toBe(passwordOf("a2"));
  });

  test("when the look after such a race fails, ours is there, and nobody says that it is not", async () => {
    await push("a1");
    front.before("PutParameter", async () => {
      await people.putParameter({ Name: name, Value: "theirs", Overwrite: true, Type: "SecureString" });
      front.refuse("GetParameterHistory", "AccessDeniedException", "not any more");
    });
    const failure = await failureOf(push("a2"));
    expect(failure).toMatchObject({ outcome: "unknown", code: "permission-missing" });
    const found = await people.getParameter({ Name: name, WithDecryption: true });
    expect(found.Parameter?.Value).toBe(passwordOf("a2"));
  });

  test("the newest of more versions than fit into one answer is found", async () => {
    for (let version = 1; version <= 52; version += 1) {
      await people.putParameter({ Name: name, Value: "old", Overwrite: version > 1, Type: "SecureString" });
    }
    await push("a1");
    expect(await (await bind()).holds(signal)).toEqual({ current: attemptId("a1") });
  });
});
