import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { postgresVersions, startPostgres, type TestPostgres } from "../services/postgresql.ts";
import type { Login } from "./consumer.ts";
import { createWave, type WaveEstate } from "./estate.ts";
import { START } from "./killed-rotation.ts";
import { canLogIn } from "./proofs.ts";
import type { Tenant } from "./tenant.ts";
import { hoursAfter } from "./virtual-clock.ts";

describe.each(postgresVersions())("%s server, admin login without pg_read_all_stats", (version) => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres({ version });
  });
  afterAll(async () => postgres?.stop());

  let estate: WaveEstate;
  let tenant: Tenant;
  let old: Login;
  beforeEach(async () => {
    estate = await createWave([
      {
        name: "orders-db",
        postgres,
        slots: "two roles",
        rights: "CREATEROLE, sees no sessions",
        sampleEvery: 200,
      },
    ]);
    const [only] = estate.tenants;
    if (only === undefined) throw new Error("no tenant");
    tenant = only;
    old = tenant.consumer.held();
  });
  afterEach(async () => estate?.dispose());

  const runs = async (...hours: readonly number[]): Promise<void> => {
    for (const hour of hours) await estate.runAt(hoursAfter(START, hour));
  };
  const works = async (login: Login): Promise<boolean> =>
    canLogIn(postgres, { database: tenant.database, ...login });

  test("never takes an old version that it cannot see for unused, however long it waits", async () => {
    await runs(0, 1);
    const fresh = tenant.consumer.held();
    expect(fresh.user).not.toBe(old.user);
    // Grace, quiet period, doubled soak and the next due date come and go.
    for (const hour of [60, 300, 1000, 2000]) {
      await runs(hour);
      expect({ hour, old: await works(old), fresh: await works(fresh) }).toEqual({
        hour,
        old: true,
        fresh: true,
      });
      const rotation = tenant.status()?.rotation;
      // The new version counts as proven by the consumer's own word.
      expect(rotation).toMatchObject({ step: "deactivate", confirmedBy: "consumer", outcome: "open" });
      expect(rotation?.wait).toMatchObject({ why: "evidence" });
      expect(rotation?.wait?.detail).toContain("GRANT pg_read_all_stats");
      expect(rotation).not.toHaveProperty("silentSince");
    }
    expect(tenant.consumer.tally.failures).toBe(0);
  });

  test("ends it on a person's word, reversibly first and after twice the soak for good", async () => {
    await runs(0, 1, 60);
    await estate.proceed(hoursAfter(START, 90), "orders-db");
    expect(await works(old)).toBe(true);
    await runs(120);
    expect(await works(old)).toBe(false);
    expect(tenant.status()?.rotation).toMatchObject({ step: "revoke", proceed: { by: "alice" } });
    // The policy's soak of two days is over; nobody has proven anything, so it takes four.
    await runs(180);
    expect(tenant.status()?.rotation).toMatchObject({ step: "revoke", wait: { why: "soak" } });
    await runs(240);
    expect(tenant.status()?.rotation).toMatchObject({ outcome: "done" });
    const [stored] = await postgres.admin(`SELECT rolpassword FROM pg_authid WHERE rolname = '${old.user}'`);
    expect(stored).toEqual({ rolpassword: null });
    expect(tenant.consumer.tally.failures).toBe(0);
  });

  test("goes on by itself once it may see: the silence counts from then, not from before", async () => {
    await runs(0, 1, 60);
    const [{ admin } = { admin: "" }] = await postgres.admin(
      `SELECT rolname AS admin FROM pg_roles WHERE rolname LIKE 'rotator_%' ORDER BY oid DESC LIMIT 1`,
    );
    await postgres.admin(`GRANT pg_read_all_stats TO ${String(admin)}`);
    await runs(120);
    expect(await works(old)).toBe(true);
    expect(tenant.status()?.rotation?.silentSince).toMatch(/^2026-11-30T/);
    await runs(170);
    expect(await works(old)).toBe(false);
    expect(tenant.status()?.rotation).not.toHaveProperty("proceed");
  });
});
