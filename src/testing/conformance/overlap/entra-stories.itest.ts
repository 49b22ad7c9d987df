import { afterEach, expect, test } from "vitest";
import type { Rotation } from "../../../core/state/status.ts";
import { createEstate, type WaveEstate } from "../estate.ts";
import { START } from "../killed-rotation.ts";
import { hoursAfter } from "../virtual-clock.ts";
import { type EntraProviderOptions, openEntraProvider } from "./entra-provider.ts";
import type { OverlapProvider } from "./overlap-provider.ts";
import { type OverlapTenant, settleOverlap } from "./overlap-tenant.ts";

const NAME = "directory-sync";

let estate: WaveEstate<OverlapTenant> | undefined;
afterEach(async () => estate?.dispose());

interface Story {
  readonly estate: WaveEstate<OverlapTenant>;
  readonly provider: OverlapProvider;
  readonly run: (...hours: readonly number[]) => Promise<void>;
  readonly rotation: () => Rotation | undefined;
  /** Does the client secret that was there before us sign in? */
  readonly oldWorks: () => Promise<boolean>;
}

async function begin(options: EntraProviderOptions): Promise<Story> {
  const made = await createEstate([
    settleOverlap(NAME, async (name, clock) => openEntraProvider(name, clock, options)),
  ]);
  estate = made;
  const [tenant] = made.tenants;
  if (tenant === undefined) throw new Error("no credential");
  const { provider } = tenant;
  return {
    estate: made,
    provider,
    run: async (...hours) => {
      for (const hour of hours) await made.runAt(hoursAfter(START, hour));
    },
    rotation: () => tenant.status()?.rotation,
    oldWorks: async () =>
      provider.signIn(provider.first).then(
        () => true,
        () => false,
      ),
  };
}

test("without the report nothing is removed until a person says so, and then at the next run", async () => {
  const { estate: made, run, rotation, oldWorks, provider } = await begin({ signInActivity: false });
  await run(0, 1, 60, 300);
  expect(rotation()).toMatchObject({
    step: "revoke",
    parked: { code: "evidence-missing", commands: ["proceed"] },
  });
  expect(await oldWorks()).toBe(true);
  await made.proceed(hoursAfter(START, 301), NAME);
  await run(302);
  expect(rotation()).toMatchObject({ outcome: "done" });
  expect(await oldWorks()).toBe(false);
  expect(await provider.versions()).toHaveLength(1);
});

test("without the right to read the report it waits, and one that comes to its own end needs nobody's word", async () => {
  const { run, rotation, oldWorks, provider } = await begin({
    mayReadReport: false,
    end: hoursAfter(START, 200),
  });
  await run(0, 1, 60);
  expect(rotation()?.wait).toMatchObject({ why: "evidence" });
  expect(rotation()?.wait?.detail).toContain("may not read the report of sign-ins");
  expect(await oldWorks()).toBe(true);
  await run(201);
  expect(rotation()).toMatchObject({ outcome: "done" });
  expect(await provider.versions()).toHaveLength(1);
});
