import { afterAll, beforeAll, expect, test } from "vitest";
import { type AwsStandIn, startAwsStandIn } from "../../../testing/services/aws/aws-service.ts";
import { createAwsOrders, soon } from "../../../testing/services/aws-orders.ts";

let aws: AwsStandIn;
beforeAll(async () => {
  aws = await startAwsStandIn();
});
afterAll(async () => aws.close());

test("a user whose tags leave no room for a rotation is refused before a key is made, with how many are too many", async () => {
  const orders = await createAwsOrders(aws);
  const tagsOf = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => ({ Key: `team/${from + at}`, Value: "x" }));
  await orders.iam.tagUser({ UserName: orders.user, Tags: tagsOf(0, 47) });
  await orders.rotator.preflight(soon());
  await orders.adopt();
  await orders.iam.tagUser({ UserName: orders.user, Tags: tagsOf(47, 49) });
  await expect(orders.rotator.preflight(soon())).rejects.toMatchObject({
    code: "tags-full",
    evidence: "49 tags of others; IAM allows 50, and a rotation needs 3",
    fix: "remove 2 of the user's tags",
  });
  await orders.iam.untagUser({ UserName: orders.user, TagKeys: ["team/47", "team/48"] });
  await orders.rotator.preflight(soon());
  const issued = await orders.issue("attempt-1");
  await orders.rotator.verify(issued, soon());
  expect(aws.keys(orders.user)).toHaveLength(2);
});

test("a user whose keys all bear marks is asked for the use of one, and no key is asked twice", async () => {
  const orders = await createAwsOrders(aws);
  const asked = async (): Promise<number> => {
    const from = aws.calls.length;
    await orders.rotator.preflight(soon());
    return aws.calls.slice(from).filter(({ action }) => action === "iam:GetAccessKeyLastUsed").length;
  };
  expect(await asked()).toBe(1);
  await orders.adopt();
  expect(await asked()).toBe(1);
});

test("two keys that were both adopted leave no room for a third: both are told with their use, and neither is touched", async () => {
  const orders = await createAwsOrders(aws, { keys: 2 });
  await orders.adopt();
  const [first, second] = orders.first;
  await expect(orders.issue("attempt-1")).rejects.toMatchObject({
    code: "slot-taken",
    outcome: "refused",
    message: `the user ${orders.user} of aws prod-aws has 2 access keys, and both are on record: none is touched`,
    evidence: expect.stringMatching(
      `^${first?.accessKeyId} .*never used.*; ${second?.accessKeyId} .*never used`,
    ),
    fix: expect.stringContaining("the key that this document is not about"),
  });
  expect(aws.keys(orders.user).map(({ status }) => status)).toEqual(["Active", "Active"]);
});
