import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addTo, type Instant, instantOf } from "../../../core/model/instant.ts";
import { postgresVersions, startPostgres, type TestPostgres } from "../../../testing/services/postgresql.ts";
import { createOrders, fenceOn, markOf, soon, textOf } from "../../../testing/services/postgresql-orders.ts";

function now(): Instant {
  return instantOf(Date.now() / 1000);
}

describe.each(postgresVersions())("%s server", (version) => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres({ version, settings: { max_prepared_transactions: "10" } });
  });
  afterAll(async () => server?.stop());

  test("a session is use, none is sampled silence, and our probe is neither", async () => {
    const orders = await createOrders(server, { admin: "createrole" });
    const [a = ""] = orders.roles;
    const { rotator } = orders;
    const at = await orders.versionOf(a);
    expect(await rotator.inUse?.(at, now(), soon())).toMatchObject({ kind: "silent", sampled: true });
    const probe = await orders.signIn(a, orders.firstPassword, "cre-verify");
    expect(await rotator.inUse?.(at, now(), soon())).toMatchObject({ kind: "silent" });
    const session = await orders.signIn(a, orders.firstPassword, "orders\n\u0007api");
    const use = await rotator.inUse?.(at, now(), soon());
    expect(use).toMatchObject({ kind: "used" });
    expect(use?.detail).toContain("1 session");
    expect(use?.detail).not.toContain("\n");
    await session.end();
    await probe.end();
    await expect.poll(async () => (await rotator.inUse?.(at, now(), soon()))?.kind).toBe("silent");
  });

  test("a prepared transaction that waits for its end is use", async () => {
    const orders = await createOrders(server);
    const [a = ""] = orders.roles;
    await server.admin(`ALTER ROLE ${a} RESET role`);
    const session = await orders.signIn(a, orders.firstPassword);
    await session.query("BEGIN; SELECT pg_current_xact_id(); PREPARE TRANSACTION 'waiting'");
    await session.end();
    const at = await orders.versionOf(a);
    await expect
      .poll(async () => (await orders.rotator.inUse?.(at, now(), soon()))?.detail)
      .toContain("prepared");
    await server.admin("ROLLBACK PREPARED 'waiting'", orders.database);
  });

  test("without the right to see sessions silence is unknown, but what is seen is use", async () => {
    const orders = await createOrders(server, { admin: "createrole", sighted: false });
    const [a = ""] = orders.roles;
    const at = await orders.versionOf(a);
    const blind = await orders.rotator.inUse?.(at, now(), soon());
    expect(blind).toMatchObject({ kind: "unknown" });
    expect(blind?.detail).toContain("pg_read_all_stats");
    const session = await orders.signIn(a, orders.firstPassword);
    expect(await orders.rotator.inUse?.(at, now(), soon())).toMatchObject({ kind: "used" });
    const contained = await orders.rotator.contain?.(at, now(), soon());
    expect(contained).toMatchObject([{ dead: false }]);
    await session.end();
  });

  test("in place a session from before proves neither use nor silence", async () => {
    const orders = await createOrders(server, { roles: 1 });
    const [role = ""] = orders.roles;
    const { rotator } = orders;
    const at = await orders.versionOf(role);
    const session = await orders.signIn(role, orders.firstPassword);
    expect(await rotator.inUse?.(at, addTo(now(), 60), soon())).toMatchObject({ kind: "unknown" });
    expect(await rotator.inUse?.(at, addTo(now(), -60), soon())).toMatchObject({ kind: "used" });
    await session.end();
    await expect.poll(async () => (await rotator.inUse?.(at, addTo(now(), 60), soon()))?.kind).toBe("silent");
  });

  test.each(["superuser", "createrole"] as const)(
    "%s: containment ends the sessions of a revoked role and proves it",
    async (admin) => {
      const orders = await createOrders(server, { admin });
      const [a = ""] = orders.roles;
      const { rotator } = orders;
      await orders.adopt();
      const sessions = [
        await orders.signIn(a, orders.firstPassword),
        await orders.signIn(a, orders.firstPassword),
      ];
      const burnt = await orders.versionOf(a);
      const open = await rotator.contain?.(burnt, addTo(now(), -3600), soon());
      expect(open).toMatchObject([{ place: `127.0.0.1:${server.port}/${a}`, dead: false }]);

      await orders.issue("attempt-1");
      await rotator.revoke(burnt, fenceOn(burnt, 3), soon());
      // An old session outlives its password.
      await sessions[0]?.query("SELECT 1");
      const dead = await rotator.contain?.(burnt, now(), soon());
      expect(dead).toMatchObject([{ dead: true }]);
      expect(dead?.[0]?.detail).toContain("2 sessions ended, none left");
      await expect(sessions[0]?.query("SELECT 1")).rejects.toThrow("onnection");
      expect(await rotator.contain?.(burnt, now(), soon())).toMatchObject([{ dead: true }]);
    },
  );

  test("containment of a version whose role has the next one leaves the new sessions alone", async () => {
    const orders = await createOrders(server);
    const [a = "", b = ""] = orders.roles;
    await orders.adopt();
    const first = await orders.issue("attempt-1", 2);
    const gone = await orders.versionOf(b);
    await orders.rotator.revoke(gone, fenceOn(gone, 2), soon());
    const second = await orders.issue("attempt-2", 3);
    expect([first.slot, second.slot]).toEqual([b, b]);
    const session = await orders.signIn(b, textOf(second.parts, "password"));
    const ended = { handle: first.handle, slot: b, live: false, reactivatable: false };
    expect(await orders.rotator.contain?.(ended, addTo(now(), -60), soon())).toMatchObject([{ dead: true }]);
    await session.query("SELECT 1");
    await session.end();
    expect(await orders.works(a, orders.firstPassword)).toBe(true);
  });

  test("in place containment ends what came in before the change", async () => {
    const orders = await createOrders(server, { roles: 1 });
    const [role = ""] = orders.roles;
    const { rotator } = orders;
    await orders.adopt();
    const session = await orders.signIn(role, orders.firstPassword);
    const old = await orders.versionOf(role);
    const issued = await rotator.generate?.(markOf("attempt-1", 2), old, soon());
    if (issued === undefined) throw new Error("nothing generated");
    await rotator.apply?.(issued, { expected: old.mark, next: markOf("attempt-1", 2) }, soon());
    const ended = { handle: old.handle, slot: role, live: false, reactivatable: false };
    expect(await rotator.contain?.(ended, issued.createdAt, soon())).toMatchObject([{ dead: true }]);
    await expect(session.query("SELECT 1")).rejects.toThrow("onnection");
  });
});
