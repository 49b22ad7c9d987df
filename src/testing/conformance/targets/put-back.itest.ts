import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEstate, type WaveEstate } from "../estate.ts";
import { haveEnded, START } from "../killed-rotation.ts";
import { hoursAfter } from "../virtual-clock.ts";
import { openSharedServices } from "./shared-services.ts";
import type { Parts, SharedServices, Target } from "./target.ts";
import {
  PUSHING,
  STAGING,
  settleTargets,
  type TargetKind,
  type TargetsTenant,
  targetOf,
} from "./targets-tenant.ts";

/** A credential for each, with these targets: two that can only be pushed to are never of one. */
const WITH_SSM: readonly TargetKind[] = [...STAGING, "aws-ssm"];
const TARGETS: readonly (readonly [kind: TargetKind, all: readonly TargetKind[]])[] = [
  ...WITH_SSM.map((kind) => [kind, WITH_SSM] as const),
  ["github-secret", ["webhook", "github-secret"]],
];
const DAYS_61 = 61 * 24;

type Estate = WaveEstate<TargetsTenant>;

let shared: SharedServices;
const estates: Estate[] = [];
beforeAll(async () => {
  shared = await openSharedServices();
});
afterAll(async () => {
  for (const estate of estates) await estate.dispose();
  await shared.kubernetes.close();
});

/** From a clone of its own. */
async function run(estate: Estate, hours: number) {
  return estate.runAt(hoursAfter(START, hours));
}

async function liveKeys({ provider }: TargetsTenant): Promise<readonly string[]> {
  return (await provider.versions()).filter(({ live }) => live).map(({ handle }) => handle);
}

async function expectSignIns(tenant: TargetsTenant): Promise<void> {
  await tenant.sample();
  const { failures, lastError } = tenant.consumer.tally;
  expect([tenant.plan.name, failures, lastError]).toEqual([tenant.plan.name, 0, undefined]);
}

test("a run ends in the grace period and others finish the rotation: what targets hold in between", {
  timeout: 120_000,
}, async () => {
  const estate = await createEstate(
    PUSHING.map((last) => settleTargets(`orders-${last}`, [...STAGING, last], shared)),
  );
  estates.push(estate);
  const facts = async () =>
    Promise.all(
      estate.tenants.map(async (tenant) => {
        await expectSignIns(tenant);
        const { rotation } = tenant.status() ?? {};
        const held: unknown[] = [];
        for (const target of tenant.targets) held.push(await target.attempts());
        expect(held).toEqual(
          tenant.targets.map(() => ({ current: rotation?.attempt?.id, pending: undefined })),
        );
        const keys = await tenant.provider.versions();
        return [rotation?.step, rotation?.outcome, keys.map(({ live }) => live)];
      }),
    );
  await run(estate, 0);
  await run(estate, 1);
  const inGrace = ["deactivate", "open", [true, true]];
  expect(await facts()).toEqual([inGrace, inGrace]);
  await run(estate, 6);
  expect(await facts()).toEqual([inGrace, inGrace]);
  await run(estate, 66);
  const inSoak = ["revoke", "open", [false, true]];
  expect(await facts()).toEqual([inSoak, inSoak]);
  await run(estate, 126);
  const over = ["revoke", "done", [true]];
  expect(await facts()).toEqual([over, over]);
});

describe("somebody puts the old value back at one target", () => {
  interface Rotated {
    readonly estate: Estate;
    /** When it rotated, in hours. */
    readonly at: number;
    /** What its applications had before that. */
    readonly before: ReadonlyMap<TargetsTenant, Parts>;
  }

  /** One credential for each target, with a new key in use. */
  async function rotated(times: 1 | 2): Promise<Rotated> {
    const estate = await createEstate(
      TARGETS.map(([kind, targets]) => settleTargets(`orders-${kind}`, targets, shared)),
    );
    estates.push(estate);
    await run(estate, 0);
    if (times === 2) for (let hours = 1; !haveEnded(estate); hours += 60) await run(estate, hours);
    const at = times === 1 ? 1 : DAYS_61;
    const before = new Map<TargetsTenant, Parts>();
    for (const tenant of estate.tenants) before.set(tenant, await putBackAt(tenant).current());
    await run(estate, at);
    // By then AWS would have told of a use of the old key: its silence begins.
    await run(estate, at + 6);
    return { estate, at, before };
  }

  const putBackAt = (tenant: TargetsTenant): Target =>
    targetOf(tenant, tenant.plan.name.replace("orders-", ""));

  test("before the old key ends: nothing is deactivated however long, and the reason names the target", {
    timeout: 120_000,
  }, async () => {
    const { estate, at, before } = await rotated(1);
    for (const tenant of estate.tenants) await putBackAt(tenant).putBack(before.get(tenant) ?? {});
    for (const later of [60, 600]) {
      await run(estate, at + later);
      for (const tenant of estate.tenants) {
        expect([tenant.plan.name, await liveKeys(tenant)]).toEqual([
          tenant.plan.name,
          [expect.any(String), expect.any(String)],
        ]);
        expect(tenant.status()?.rotation?.wait?.detail).toContain(putBackAt(tenant).mentioned);
        await expectSignIns(tenant);
      }
    }
  });

  test("after the old key, one of ours, was deactivated: the next run makes it work again", {
    timeout: 120_000,
  }, async () => {
    const { estate, at, before } = await rotated(2);
    await run(estate, at + 66);
    for (const tenant of estate.tenants) {
      expect(tenant.status()?.rotation).toMatchObject({ step: "revoke", wait: { why: "soak" } });
      expect(await liveKeys(tenant)).toHaveLength(1);
      await putBackAt(tenant).putBack(before.get(tenant) ?? {});
    }
    const { lines } = await run(estate, at + 67);
    for (const tenant of estate.tenants) {
      expect(await liveKeys(tenant)).toContain(before.get(tenant)?.["accessKeyId"]);
      const said = lines.filter(({ credential }) => credential === tenant.plan.name);
      expect(said.map(({ text }) => text).join("\n")).toMatch(/(used|needed) again: /);
      expect(said.map(({ text }) => text).join("\n")).toContain(putBackAt(tenant).mentioned);
      await expectSignIns(tenant);
    }
  });
});
