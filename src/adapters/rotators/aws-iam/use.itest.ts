import { IAM } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { instantOf } from "../../../core/model/instant.ts";
import { type AwsStandIn, startAwsStandIn } from "../../../testing/services/aws/aws-service.ts";
import { createAwsOrders, fenceOn, loginOf, soon } from "../../../testing/services/aws-orders.ts";
import { REPORTING_LAG } from "./last-use.ts";

const START = Math.floor(Date.now() / 1000);
let now = START;
let service: AwsStandIn;
const clock = { now: () => instantOf(now) };

beforeAll(async () => {
  service = await startAwsStandIn({ clock: () => new Date(now * 1000) });
});
afterAll(async () => service?.close());

test("silence counts only once AWS has had the time to tell of a use, and a use counts at once", async () => {
  const orders = await createAwsOrders(service, { clock });
  const { rotator } = orders;
  const [version] = await orders.observe();
  const since = instantOf(now);
  now += REPORTING_LAG - 1;
  const early = await rotator.inUse?.(version!, since, soon());
  expect(early).toMatchObject({ kind: "unknown" });
  expect(early?.detail).toContain("AWS may tell of later uses until");
  now += 1;
  expect(await rotator.inUse?.(version!, since, soon())).toMatchObject({ kind: "silent", sampled: false });
  const used = Math.floor((now - 120) / 60) * 60;
  service.use(version!.handle, { at: new Date((used + 50) * 1000), service: "s3", region: "eu-west-1" });
  expect(await rotator.inUse?.(version!, since, soon())).toEqual({
    kind: "used",
    at: instantOf(used),
    detail: `${version?.handle} was last used ${instantOf(used)} in eu-west-1 by s3`,
  });
  // AWS tells the minute only: a use that may have been after the question began counts, one from before does not.
  expect(await rotator.inUse?.(version!, instantOf(used + 55), soon())).toMatchObject({ kind: "used" });
  expect(await rotator.inUse?.(version!, instantOf(used + 60), soon())).toMatchObject({ kind: "unknown" });
});

test("our own look at a new key is no use of it; the first call of a consumer is, also at STS", async () => {
  const orders = await createAwsOrders(service, { clock });
  await orders.adopt();
  const issued = await orders.issue("attempt-1");
  await orders.rotator.verify(issued, soon());
  const version = await orders.versionOf(issued.handle);
  const use = async () => (await orders.rotator.inUse?.(version, issued.createdAt, soon()))?.kind;
  expect(service.keys(orders.user).at(-1)?.lastUsed).toMatchObject({ service: "sts" });
  expect(await use()).toBe("unknown");
  now += REPORTING_LAG;
  expect(await use()).toBe("silent");
  expect(await orders.works(loginOf(issued))).toBe(true);
  expect(await use()).toBe("used");
});

describe("after an incident", () => {
  test("the key is dead, sessions that it minted are denied, and the new key is not concerned", async () => {
    const orders = await createAwsOrders(service, { clock });
    service.attach(orders.arn, {
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Action: "secretsmanager:*", Resource: "*" },
    });
    await orders.adopt();
    const issued = await orders.issue("attempt-1");
    const [old] = await orders.observe();
    await orders.rotator.revoke(old!, fenceOn(old!, 3), soon());
    now += 5;
    const lines = await orders.rotator.contain?.(old!, instantOf(now), soon());
    expect(lines?.map(({ place, dead }) => [place, dead])).toEqual([
      [`access key ${old?.handle}`, true],
      [`sessions of the user ${orders.user} of aws prod-aws`, true],
    ]);
    expect(await orders.rotator.contain?.(old!, instantOf(now), soon())).toEqual(lines);
    const { PolicyDocument } = await orders.iam.getUserPolicy({
      UserName: orders.user,
      PolicyName: "cre-deny-sessions-of-incident",
    });
    expect(decodeURIComponent(PolicyDocument ?? "")).toContain(
      `"DateLessThan":{"aws:TokenIssueTime":"${instantOf(now)}"}`,
    );
    expect(await orders.works(loginOf(issued))).toBe(true);
  });

  test("what the runner may not end is told as not proven dead, with the right that is missing", async () => {
    const orders = await createAwsOrders(service, { clock });
    await orders.adopt();
    const [old] = await orders.observe();
    service.fail("iam:PutUserPolicy", "denied");
    const lines = await orders.rotator.contain?.(old!, instantOf(now), soon());
    expect(lines).toMatchObject([
      { dead: false, detail: "still active" },
      { dead: false, detail: expect.stringContaining("iam:PutUserPolicy") },
    ]);
  });
});

describe("roles", () => {
  const TRUST = JSON.stringify({
    Version: "2012-10-17",
    Statement: { Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" },
  });

  test("of another account make the key and end it, each with a session that names the credential", async () => {
    const account = "444455556666";
    const admin = new IAM({
      endpoint: service.endpoint,
      region: service.region,
      credentials: service.adminOf(account),
    });
    for (const name of ["cre-make", "cre-end"]) {
      await admin.createRole({ RoleName: name, AssumeRolePolicyDocument: TRUST });
      service.attach(`arn:aws:iam::${account}:role/${name}`, {
        Version: "2012-10-17",
        Statement: { Effect: "Allow", Action: "iam:*", Resource: "*" },
      });
    }
    const other = { ...service, account, admin: service.adminOf(account) };
    const orders = await createAwsOrders(other, {
      clock,
      login: service.admin,
      connection: {
        assumeRole: `arn:aws:iam::${account}:role/cre-make`,
        revokeRole: `arn:aws:iam::${account}:role/cre-end`,
      },
    });
    expect(orders.rotator.identity).toBe(`aws-iam/${service.endpoint}${account}/${orders.user}`);
    await orders.rotator.preflight(soon());
    await orders.adopt();
    await orders.issue("attempt-1");
    const [old] = await orders.observe();
    await orders.rotator.revoke(old!, fenceOn(old!, 3), soon());
    const by = (action: string) =>
      new Set(
        service.calls
          .filter((call) => call.action === action && call.resource.endsWith(`/${orders.user}`))
          .filter((call) => !call.principal.endsWith("/admin"))
          .map(({ principal }) => principal),
      );
    const session = (role: string) => `arn:aws:sts::${account}:assumed-role/${role}/cre-orders-key`;
    expect(by("iam:CreateAccessKey")).toEqual(new Set([session("cre-make")]));
    expect(by("iam:UpdateAccessKey")).toEqual(new Set([session("cre-end")]));
    expect(by("iam:DeleteAccessKey")).toEqual(new Set([session("cre-end")]));
    // Whatever is asked and done: each role is assumed once.
    const assumed = service.calls.filter(({ action }) => action === "sts:AssumeRole");
    expect(assumed.map(({ resource }) => resource).toSorted()).toEqual(
      ["cre-end", "cre-make"].map((role) => `arn:aws:iam::${account}:role/${role}`),
    );
    admin.destroy();
  });

  test("that the runner may not assume are told with the right that is missing", async () => {
    const orders = await createAwsOrders(service, {
      clock,
      connection: { assumeRole: `arn:aws:iam::${service.account}:role/nobody` },
    });
    await expect(orders.rotator.preflight(soon())).rejects.toMatchObject({ outcome: "refused" });
  });

  test("in another partition than the connection says are refused before anything happens", async () => {
    const orders = await createAwsOrders(service, { clock, connection: { partition: "aws-cn" } });
    await expect(orders.rotator.preflight(soon())).rejects.toMatchObject({ code: "wrong-partition" });
  });
});
