import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EffectError } from "../../../core/model/errors.ts";
import { type AwsTestService, awsServices } from "../../../testing/services/aws/aws-service.ts";
import {
  createAwsOrders,
  fenceOn,
  loginOf,
  markOf,
  ROTATION,
  soon,
} from "../../../testing/services/aws-orders.ts";

describe.each(awsServices())("$name", ({ start }) => {
  let service: AwsTestService;
  beforeAll(async () => {
    service = await start();
  });
  afterAll(async () => service?.close());

  test("a key is adopted, another made beside it, the old one switched off and on, and at last deleted", async () => {
    const orders = await createAwsOrders(service);
    const { rotator, iam, user } = orders;
    const [old] = orders.first;
    if (old === undefined) throw new Error("no key");
    await rotator.preflight(soon());
    expect(await orders.observe()).toMatchObject([
      { handle: old.accessKeyId, slot: old.accessKeyId, live: true, note: "never used" },
    ]);
    await orders.adopt();
    await orders.adopt();
    expect(await orders.versionOf(old.accessKeyId)).toMatchObject({ mark: markOf("adoption", 1) });
    await rotator.preflight(soon());

    const issued = await orders.issue("attempt-1");
    await rotator.verify(issued, soon());
    expect(await orders.works(loginOf(issued))).toBe(true);
    expect(await orders.works(old)).toBe(true);
    expect(await orders.versionOf(issued.handle)).toMatchObject({ live: true, mark: markOf("attempt-1", 2) });

    const awake = await orders.versionOf(old.accessKeyId);
    await rotator.deactivate?.(awake, fenceOn(awake, 3), soon());
    await rotator.deactivate?.(awake, fenceOn(awake, 3), soon());
    const asleep = await orders.versionOf(old.accessKeyId);
    expect(asleep).toMatchObject({ live: false, reactivatable: true, mark: { epoch: 3 } });
    expect(await orders.works(old)).toBe(false);
    await rotator.reactivate?.(asleep, fenceOn(asleep, 4), soon());
    expect(await orders.works(old)).toBe(true);

    const again = await orders.versionOf(old.accessKeyId);
    await rotator.revoke(again, fenceOn(again, 5), soon());
    await rotator.revoke(again, fenceOn(again, 5), soon());
    expect(await orders.works(old)).toBe(false);
    expect((await orders.observe()).map(({ handle }) => handle)).toEqual([issued.handle]);
    expect(await orders.works(loginOf(issued))).toBe(true);
    const { Tags } = await iam.listUserTags({ UserName: user });
    expect(Tags).toEqual([{ Key: `cre/${issued.handle}`, Value: `${ROTATION}:attempt-1:2` }]);

    const next = await orders.issue("attempt-2", 6);
    await rotator.verify(next, soon());
    expect((await orders.observe()).map(({ mark }) => mark?.attempt)).toEqual(["attempt-1", "attempt-2"]);
    await rotator.close();
  });

  test("a second key that is not on record keeps every other from being made, and is told with its last use", async () => {
    const orders = await createAwsOrders(service);
    await orders.adopt();
    const { AccessKey: foreign } = await orders.iam.createAccessKey({ UserName: orders.user });
    for (const act of [() => orders.rotator.preflight(soon()), () => orders.issue("attempt-1")]) {
      const failure = await act().catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(EffectError);
      expect(failure).toMatchObject({ code: "slot-taken", outcome: "refused", retryable: false });
      // `as`: asserted just before.
      expect((failure as EffectError).evidence).toContain(`${foreign?.AccessKeyId} (active, made `);
      expect((failure as EffectError).evidence).toContain("never used");
    }
    expect((await orders.iam.listUserTags({ UserName: orders.user })).Tags).toHaveLength(1);
  });

  test("an effect on a key whose mark is not the expected one is refused, and changes nothing", async () => {
    const orders = await createAwsOrders(service);
    await orders.adopt();
    const [version] = await orders.observe();
    if (version === undefined) throw new Error("no key");
    const stranger = { ...markOf("somebody", 9), rotation: "another" };
    const { rotator } = orders;
    const fence = { expected: stranger, next: stranger };
    for (const act of ["deactivate", "revoke", "reactivate"] as const) {
      await expect(rotator[act]?.(version, fence, soon())).rejects.toMatchObject({
        code: "foreign-mark",
        outcome: "refused",
        retryable: false,
      });
    }
    await expect(rotator.adopt(version, stranger, soon())).rejects.toMatchObject({ code: "foreign-mark" });
    await rotator.deactivate?.(version, fenceOn(version, 5), soon());
    const [asleep] = await orders.observe();
    if (asleep === undefined) throw new Error("no key");
    await expect(rotator.reactivate?.(asleep, fenceOn(asleep, 4), soon())).rejects.toMatchObject({
      code: "fenced",
    });
    expect((await orders.observe())[0]).toMatchObject({ live: false, mark: { epoch: 5 } });
  });

  test("a user that does not exist, and the runner's own user, are refused before anything happens", async () => {
    const orders = await createAwsOrders(service);
    await orders.iam.deleteAccessKey({
      UserName: orders.user,
      AccessKeyId: orders.first[0]?.accessKeyId,
    });
    await orders.iam.deleteUser({ UserName: orders.user });
    await expect(orders.rotator.preflight(soon())).rejects.toMatchObject({ code: "user-missing" });
  });
});
