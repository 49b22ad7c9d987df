import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEstate, type WaveEstate } from "../estate.ts";
import { haveEnded, START } from "../killed-rotation.ts";
import { hoursAfter } from "../virtual-clock.ts";
import { openSharedServices } from "./shared-services.ts";
import type { Parts, SharedServices, Target } from "./target.ts";
import { STAGING, settleTargets, type TargetsTenant, targetOf } from "./targets-tenant.ts";

/** By their place in the document; of the last, GitHub cannot tell what it has. */
const TARGETS = [...STAGING, "aws-ssm"] as const;
const DAYS_61 = 61 * 24;

type Estate = WaveEstate<TargetsTenant>;

describe("somebody puts the old value back at one target", () => {
  let shared: SharedServices;
  const estates: Estate[] = [];
  beforeAll(async () => {
    shared = await openSharedServices();
  });
  afterAll(async () => {
    for (const estate of estates) await estate.dispose();
    await shared.kubernetes.close();
  });

  /** One credential for each target, with a new key in use since `at`. */
  async function rotated(generation: number): Promise<{ estate: Estate; at: number }> {
    const estate = await createEstate(
      TARGETS.map((kind) => settleTargets(`orders-${kind}`, TARGETS, shared)),
    );
    estates.push(estate);
    await run(estate, 0);
    for (let round = 1; round < generation; round += 1) {
      for (let hours = 1; !haveEnded(estate); hours += 60) await run(estate, hours);
    }
    const at = generation === 1 ? 1 : DAYS_61;
    await run(estate, at);
    // By then AWS would have told of a use of the old key: its silence begins.
    await run(estate, at + 6);
    return { estate, at };
  }

  async function run(estate: Estate, hours: number) {
    return estate.runAt(hoursAfter(START, hours));
  }

  const putBackAt = (tenant: TargetsTenant): Target =>
    targetOf(tenant, tenant.plan.name.replace("orders-", ""));

  /** What every application had before this rotation. */
  async function held({ tenants }: Estate): Promise<ReadonlyMap<TargetsTenant, Parts>> {
    const all = new Map<TargetsTenant, Parts>();
    for (const tenant of tenants) all.set(tenant, tenant.provider.first);
    return all;
  }

  test.each([1])(
    "before the old key ends: nothing is deactivated, and the reason names the target",
    {
      timeout: 120_000,
    },
    async (generation) => {
      const { estate, at } = await rotated(generation);
      const before = await held(estate);
      for (const tenant of estate.tenants) await putBackAt(tenant).putBack(before.get(tenant) ?? {});
      for (const later of [60, 120, 600]) {
        await run(estate, at + later);
        for (const tenant of estate.tenants) {
          const { rotation } = tenant.status() ?? {};
          const live = (await tenant.provider.versions()).filter((version) => version.live);
          expect([tenant.plan.name, live.length]).toEqual([tenant.plan.name, 2]);
          expect(rotation?.wait?.detail).toContain(putBackAt(tenant).mentioned);
          await tenant.sample();
          expect(tenant.consumer.tally).toMatchObject({ failures: 0 });
        }
      }
    },
  );

  test.each([1])(
    "after the old key was deactivated: the next run makes it work again",
    {
      timeout: 120_000,
    },
    async (generation) => {
      const { estate, at } = await rotated(generation);
      const before = await held(estate);
      for (const tenant of estate.tenants) await tenant.sample();
      await run(estate, at + 59);
      for (const tenant of estate.tenants) {
        expect(tenant.status()?.rotation).toMatchObject({ step: "revoke", wait: { why: "soak" } });
        await putBackAt(tenant).putBack(before.get(tenant) ?? {});
      }
      const { lines } = await run(estate, at + 60);
      for (const tenant of estate.tenants) {
        const live = (await tenant.provider.versions()).filter((version) => version.live);
        expect([tenant.plan.name, live.length]).toEqual([tenant.plan.name, 2]);
        const said = lines.filter(({ credential }) => credential === tenant.plan.name);
        expect(said.map(({ text }) => text).join("\n")).toContain(putBackAt(tenant).mentioned);
        await tenant.sample();
        expect(tenant.consumer.tally).toMatchObject({ failures: 0 });
      }
    },
  );
});
