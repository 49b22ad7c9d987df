import { STS } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CreError } from "../../../core/model/errors.ts";
import { instantOf } from "../../../core/model/instant.ts";
import { type AwsStandIn, startAwsStandIn } from "../../../testing/services/aws/aws-service.ts";
import {
  type AwsOrders,
  createAwsOrders,
  fenceOn,
  loginOf,
  soon,
} from "../../../testing/services/aws-orders.ts";

let service: AwsStandIn;
let now = Math.floor(Date.now() / 1000);
const clock = { now: () => instantOf(now) };

beforeAll(async () => {
  service = await startAwsStandIn({ clock: () => new Date(now * 1000) });
});
afterAll(async () => service?.close());
beforeEach(() => {
  service.recover();
  service.usableAfter(0);
  service.skew(0);
});

/** What the rotator was asked for, as the engine does. */
type Operation = "preflight" | "observe" | "adopt" | "issue" | "deactivate" | "revoke" | "inUse";

async function adopted(): Promise<AwsOrders> {
  const orders = await createAwsOrders(service, { clock });
  await orders.adopt();
  return orders;
}

async function run(orders: AwsOrders, operation: Operation): Promise<unknown> {
  const { rotator } = orders;
  const keyId = orders.first[0]?.accessKeyId ?? "";
  // What is there is known from before: the fault is for the operation itself.
  const version = { handle: keyId, slot: keyId, live: true, reactivatable: false, mark: undefined };
  const mark = { rotation: "01936f00-0000-7000-8000-00000000aaaa", attempt: "adoption", epoch: 1 };
  switch (operation) {
    case "preflight":
      return rotator.preflight(soon());
    case "observe":
      return orders.observe();
    case "adopt":
      return rotator.adopt({ ...version, mark }, mark, soon());
    case "issue":
      return rotator.issue?.({ ...mark, attempt: "attempt-1", epoch: 2 }, [{ ...version, mark }], soon());
    case "deactivate":
      return rotator.deactivate?.({ ...version, mark }, fenceOn({ ...version, mark }, 2), soon());
    case "revoke":
      return rotator.revoke({ ...version, mark }, fenceOn({ ...version, mark }, 2), soon());
    case "inUse":
      return rotator.inUse?.({ ...version, mark }, instantOf(now), soon());
  }
}

async function failureOf(act: Promise<unknown>): Promise<CreError> {
  const failure = await act.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof CreError) return failure;
  throw new Error(`it did not fail as expected: ${String(failure)}`);
}

const CALLS: readonly (readonly [action: string, operation: Operation])[] = [
  ["iam:ListAccessKeys", "preflight"],
  ["iam:ListUserTags", "preflight"],
  ["iam:GetAccessKeyLastUsed", "preflight"],
  ["iam:UntagUser", "preflight"],
  ["iam:TagUser", "preflight"],
  ["iam:UpdateAccessKey", "preflight"],
  ["iam:DeleteAccessKey", "preflight"],
  ["iam:ListAccessKeys", "observe"],
  ["iam:ListUserTags", "observe"],
  ["iam:TagUser", "adopt"],
  ["iam:TagUser", "issue"],
  ["iam:CreateAccessKey", "issue"],
  ["iam:TagUser", "deactivate"],
  ["iam:UpdateAccessKey", "deactivate"],
  ["iam:UpdateAccessKey", "revoke"],
  ["iam:DeleteAccessKey", "revoke"],
  ["iam:GetAccessKeyLastUsed", "inUse"],
];

describe.each(CALLS)("%s in %s", (action, operation) => {
  test("denied: the missing permission is named, a person must grant it, and the old key is as it was", async () => {
    const orders = await adopted();
    service.fail(action, "denied", 9);
    const failure = await failureOf(run(orders, operation));
    expect(failure).toMatchObject({ code: "permission-missing", outcome: "refused", retryable: false });
    expect(failure.message).toContain(`may not ${action} at the user ${orders.user} of aws prod-aws`);
    expect(failure.evidence).toContain(`not authorized to perform: ${action}`);
    service.recover();
    expect(service.keys(orders.user).map(({ id }) => id)).toEqual([orders.first[0]?.accessKeyId]);
    expect(await orders.works(orders.first[0]!)).toBe(
      operation !== "revoke" || action !== "iam:DeleteAccessKey",
    );
    expect((await orders.iam.listUserTags({ UserName: orders.user })).Tags).toHaveLength(1);
  });

  test("throttled: refused for now, and the same again is success", async () => {
    const orders = await adopted();
    service.fail(action, "throttled", 9);
    const failure = await failureOf(run(orders, operation));
    expect(failure).toMatchObject({ code: "throttled", outcome: "refused", retryable: true });
    service.recover();
    await run(orders, operation);
  });
});

describe("what happened before the look at it failed", () => {
  const AFTER = [
    ["iam:UpdateAccessKey", "iam:ListAccessKeys", "deactivate"],
    ["iam:DeleteAccessKey", "iam:ListUserTags", "revoke"],
    ["iam:DeleteAccessKey", "iam:UntagUser", "revoke"],
  ] as const;
  test.each(AFTER)("%s, and then %s is denied: %s is in doubt, and the repeat ends it", async (...how) => {
    const [change, look, operation] = how;
    const orders = await adopted();
    service.listen(({ action }, side) => {
      if (side === "after" && action === change) service.fail(look, "denied");
      return undefined;
    });
    const failure = await failureOf(run(orders, operation));
    service.listen(undefined);
    service.recover();
    expect(failure).toMatchObject({ outcome: "unknown", retryable: true });
    expect(failure.message).toContain(look);
    expect(await orders.works(orders.first[0]!)).toBe(false);
    await run(orders, operation);
  });
});

describe("a key whose making nobody saw end", () => {
  const LOST = ["drop", "dropAfter", "error500", "error500After", "hang", "hangAfter"] as const;
  test.each(LOST)(
    "%s: the outcome is unknown, and the next run finds what is there, drops it, and makes another",
    async (how) => {
      const orders = await adopted();
      service.fail("iam:CreateAccessKey", how);
      const limit = AbortSignal.timeout(400);
      const failure = await failureOf(
        orders.rotator.issue?.(
          { rotation: "01936f00-0000-7000-8000-00000000aaaa", attempt: "attempt-1", epoch: 2 },
          await orders.observe(),
          how.startsWith("hang") ? limit : soon(),
        ) ?? Promise.resolve(),
      );
      expect(failure).toMatchObject({ outcome: "unknown" });
      const happened = how.endsWith("After");
      const orphans = (await orders.observe()).filter(({ mark }) => mark?.attempt === "attempt-1");
      expect(orphans).toHaveLength(happened ? 1 : 0);
      for (const orphan of orphans) {
        await orders.rotator.revoke(orphan, fenceOn(orphan, 3), soon());
        await orders.rotator.revoke(orphan, fenceOn(orphan, 3), soon());
      }
      const next = await orders.issue("attempt-2", 3);
      await orders.rotator.verify(next, soon());
      expect(await orders.works(orders.first[0]!)).toBe(true);
      expect((await orders.iam.listUserTags({ UserName: orders.user })).Tags).toHaveLength(2);
    },
  );

  test.each(["denied", "throttled", "drop", "dropAfter", "error500"] as const)(
    "its mark is %s: it is found by the intent, and dropped",
    async (how) => {
      const orders = await adopted();
      // The first is the intent, the second the mark of the new key.
      service.fail("iam:TagUser", how, 1, 1);
      const failure = await failureOf(orders.issue("attempt-1"));
      expect(failure).toMatchObject({ outcome: "unknown" });
      const orphans = (await orders.observe()).filter(({ mark }) => mark?.attempt === "attempt-1");
      expect(orphans).toHaveLength(1);
      await orders.rotator.revoke(orphans[0]!, fenceOn(orphans[0]!, 3), soon());
      expect(service.keys(orders.user)).toHaveLength(1);
      expect((await orders.iam.listUserTags({ UserName: orders.user })).Tags).toHaveLength(1);
    },
  );
});

describe("whose key is it?", () => {
  test("one that somebody else made between look and making is never ours, and keeps ours from being made", async () => {
    const orders = await createAwsOrders(service, { clock });
    await orders.adopt();
    let foreign: Promise<unknown> | undefined;
    const rushed = await orders.bind({
      clock: {
        now: () => {
          foreign ??= orders.iam.createAccessKey({ UserName: orders.user });
          return instantOf(now);
        },
      },
    });
    const mark = { rotation: "r", attempt: "attempt-1", epoch: 2 };
    const failure = await failureOf(
      rushed.issue?.(mark, await orders.observe(), soon()) ?? Promise.resolve(),
    );
    await foreign;
    expect(failure).toMatchObject({ code: "no-free-slot", outcome: "refused", retryable: false });
    const seen = await orders.observe();
    expect(seen).toHaveLength(2);
    expect(seen.filter(({ mark }) => mark === undefined)).toHaveLength(1);
    expect((await orders.iam.listUserTags({ UserName: orders.user })).Tags).toHaveLength(1);
  });

  test.each([
    ["was used by anything but our own look", { service: "s3", seconds: 5 }],
    ["was used at STS long after it was made", { service: "sts", seconds: 700 }],
  ])("one that %s is not taken for an orphan", async (_, use) => {
    const orders = await adopted();
    service.fail("iam:CreateAccessKey", "dropAfter");
    await failureOf(orders.issue("attempt-1"));
    const made = service.keys(orders.user).at(-1);
    service.use(made?.id ?? "", {
      at: new Date((now + use.seconds) * 1000),
      service: use.service,
      region: "eu-central-1",
    });
    expect((await orders.observe()).map(({ mark }) => mark?.attempt)).toEqual(["adoption", undefined]);
  });

  test("of two new ones none is ours, and one that is older than the intent is not", async () => {
    const orders = await createAwsOrders(service, { clock });
    const [version] = await orders.observe();
    await orders.rotator.adopt(version!, { rotation: "r", attempt: "adoption", epoch: 1 }, soon());
    service.fail("iam:CreateAccessKey", "dropAfter");
    await failureOf(orders.issue("attempt-1"));
    await orders.iam.deleteAccessKey({ UserName: orders.user, AccessKeyId: version?.handle });
    await orders.iam.createAccessKey({ UserName: orders.user });
    expect((await orders.observe()).map(({ mark }) => mark)).toEqual([undefined, undefined]);
    now += 3600;
    const [first] = service.keys(orders.user);
    await orders.iam.deleteAccessKey({ UserName: orders.user, AccessKeyId: first?.id });
    const [second] = service.keys(orders.user);
    await orders.iam.deleteAccessKey({ UserName: orders.user, AccessKeyId: second?.id });
    await orders.iam.createAccessKey({ UserName: orders.user });
    expect((await orders.observe()).map(({ mark }) => mark)).toEqual([undefined]);
  });
});

describe("the runner's own login", () => {
  test("is never the user whose key is rotated", async () => {
    const orders = await createAwsOrders(service, { clock });
    service.attach(orders.arn, {
      Version: "2012-10-17",
      Statement: { Effect: "Allow", Action: "*", Resource: "*" },
    });
    const own = await orders.bind({ login: orders.first[0]! });
    expect(await failureOf(own.preflight(soon()))).toMatchObject({ code: "own-login" });
  });

  test("that has expired in the middle is told, and nothing was changed", async () => {
    const orders = await adopted();
    const sts = new STS({
      endpoint: service.endpoint,
      region: service.region,
      credentials: orders.first[0]!,
    });
    const { Credentials: session } = await sts.getSessionToken({ DurationSeconds: 900 });
    now += 1000;
    const own = await orders.bind({
      login: {
        accessKeyId: session?.AccessKeyId ?? "",
        secretAccessKey: session?.SecretAccessKey ?? "",
        sessionToken: session?.SessionToken ?? "",
      },
    });
    const failure = await failureOf(own.observe(soon()));
    expect(failure).toMatchObject({ code: "session-expired", outcome: "refused" });
    expect(await orders.works(orders.first[0]!)).toBe(true);
  });

  test("on a machine whose clock is wrong is told so", async () => {
    const orders = await adopted();
    service.skew(900);
    const failure = await failureOf(orders.rotator.preflight(soon()));
    expect(failure).toMatchObject({ code: "clock-skew", outcome: "refused" });
  });
});

describe("a new key", () => {
  test("is looked at until it works three times in a row", async () => {
    const orders = await adopted();
    service.usableAfter(6);
    const issued = await orders.issue("attempt-1");
    await orders.rotator.verify(issued, soon());
    expect(await orders.works(loginOf(issued))).toBe(true);
  });

  test("that does not come to work is given up after a while", async () => {
    const orders = await adopted();
    service.usableAfter(500);
    const issued = await orders.issue("attempt-1");
    expect(await failureOf(orders.rotator.verify(issued, soon()))).toMatchObject({ code: "not-usable" });
  });
});
