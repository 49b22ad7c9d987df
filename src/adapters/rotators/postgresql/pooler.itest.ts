import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { addTo, type Instant, instantOf } from "../../../core/model/instant.ts";
import type { Issued } from "../../../core/ports/rotator.ts";
import { createAuthority } from "../../../testing/services/certificates.ts";
import { findPgbouncer } from "../../../testing/services/ladder.ts";
import { type PoolerOptions, startPgbouncer, type TestPooler } from "../../../testing/services/pgbouncer.ts";
import { postgresVersions, startPostgres, type TestPostgres } from "../../../testing/services/postgresql.ts";
import {
  createOrders,
  fenceOn,
  markOf,
  type Orders,
  type OrdersOptions,
  soon,
  textOf,
} from "../../../testing/services/postgresql-orders.ts";

/** On further servers the mode that most people run: what pgbouncer itself does is the same. */
const MODES = { embedded: ["session", "transaction"], system: ["transaction"] } as const;
const IN_PLACE: OrdersOptions = { roles: 1, ownerRole: false };

/** How a connection hears that it is over: from the server, from pgbouncer, or from its own client afterwards. */
const ENDED =
  /terminat|server conn crashed|server login has been failing|query_wait_timeout|connection error|database removed|authentication failed/;

function now(): Instant {
  return instantOf(Date.now() / 1000);
}

describe.skipIf(findPgbouncer() === undefined).each(postgresVersions())(
  "pgbouncer before the %s server",
  (version) => {
    let server: TestPostgres;
    const open: { stop(): Promise<void> }[] = [];
    beforeAll(async () => {
      server = await startPostgres({ version });
    });
    afterEach(async () => {
      for (const one of open.splice(0).toReversed()) await one.stop();
    });
    afterAll(async () => server?.stop());

    async function pooled(
      pooling: PoolerOptions,
      options: OrdersOptions = {},
    ): Promise<{ orders: Orders; pooler: TestPooler }> {
      const pooler = await startPgbouncer(server, pooling);
      open.push(pooler);
      const connections = { pooler: pooler.connection };
      return {
        pooler,
        orders: await createOrders(server, { verifyAt: ["pooler"], connections, ...options }),
      };
    }

    /** A consumer's connection to the pooler. */
    async function come(
      pooler: TestPooler,
      { database }: Orders,
      user: string,
      password: string,
    ): Promise<Client> {
      const { host, port } = pooler;
      const client = new Client({
        host,
        port,
        user,
        password,
        database,
        application_name: "orders-api",
        ssl: false,
      });
      client.on("error", () => undefined);
      await client.connect();
      open.push({ stop: async () => client.end().catch(() => undefined) });
      return client;
    }

    async function sessionsOf(role: string): Promise<Record<string, unknown>[]> {
      return server.admin(`SELECT pid, application_name FROM pg_stat_activity WHERE usename = '${role}'`);
    }

    async function endSessionsOf(role: string): Promise<void> {
      await server.admin(
        `SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE usename = '${role}'`,
      );
    }

    async function replace(orders: Orders, attempt = "attempt-1"): Promise<Issued> {
      const [role = ""] = orders.roles;
      const current = await orders.versionOf(role);
      const next = markOf(attempt, 2);
      const issued = await orders.rotator.generate?.(next, current, soon());
      if (issued === undefined) throw new Error("nothing generated");
      await orders.rotator.apply?.(issued, { expected: current.mark, next }, soon());
      return issued;
    }

    describe.each(MODES[version])("%s pooling", (poolMode) => {
      test("the new login is tried through the pooler, leaves no session there, and is no proof of use", async () => {
        const { orders, pooler } = await pooled({ poolMode }, { admin: "createrole" });
        const [, b = ""] = orders.roles;
        await orders.adopt();
        const issued = await orders.issue("attempt-1");
        await orders.rotator.verify(issued, soon());
        expect(pooler.logText()).toMatch(new RegExp(`login attempt: db=${orders.database} user=${b}`));
        await expect.poll(async () => sessionsOf(b)).toEqual([]);
        const fresh = await orders.versionOf(b);
        expect(await orders.rotator.inUse?.(fresh, now(), soon())).toMatchObject({ kind: "silent" });
        expect(issued.parts.get("port")?.reveal()).toBe(String(pooler.port));
        const consumer = await come(pooler, orders, b, textOf(issued.parts, "password"));
        await consumer.query("SELECT 1");
        expect(await orders.rotator.inUse?.(fresh, now(), soon())).toMatchObject({ kind: "used" });
      });

      test("an attempt that was tried there and dropped leaves the role free for the next", async () => {
        const { orders } = await pooled({ poolMode });
        await orders.adopt();
        await orders.rotator.verify(await orders.issue("attempt-1"), soon());
        const dropped = await orders.versionOf(orders.roles[1] ?? "");
        await orders.rotator.revoke(dropped, fenceOn(dropped, 2), soon());
        const next = await orders.issue("attempt-2", 3);
        await expect(orders.rotator.verify(next, soon())).resolves.toBeUndefined();
      });

      test("roles take turns in both directions: the pooler, which knows no idle role, is asked for the live one", async () => {
        const { orders, pooler } = await pooled({ poolMode });
        const [a = "", b = ""] = orders.roles;
        await orders.rotator.preflight(soon());
        await orders.adopt();
        for (const [epoch, old] of [
          [2, a],
          [3, b],
          [4, a],
        ] as const) {
          await orders.rotator.preflight(soon());
          const ending = await orders.versionOf(old);
          const issued = await orders.issue(`attempt-${epoch}`, epoch);
          await orders.rotator.verify(issued, soon());
          const consumer = await come(pooler, orders, issued.slot, textOf(issued.parts, "password"));
          expect((await consumer.query("SELECT session_user AS me")).rows).toEqual([{ me: issued.slot }]);
          await orders.rotator.deactivate?.(ending, fenceOn(ending, epoch), soon());
          await orders.rotator.revoke(ending, fenceOn(ending, epoch), soon());
          await expect(come(pooler, orders, old, orders.firstPassword)).rejects.toMatchObject({
            code: "08P01",
          });
          await pooler.console("RECONNECT");
          await consumer.end();
          await expect.poll(async () => sessionsOf(issued.slot)).toEqual([]);
        }
      });

      test("a session that the pooler keeps is use after its client left, outlives NOLOGIN, and ends by RECONNECT", async () => {
        const { orders, pooler } = await pooled({ poolMode }, { admin: "createrole" });
        const [a = ""] = orders.roles;
        await orders.adopt();
        const old = await orders.versionOf(a);
        const consumer = await come(pooler, orders, a, orders.firstPassword);
        await consumer.query("SELECT 1");
        await orders.rotator.deactivate?.(old, fenceOn(old, 2), soon());
        // The connection of the consumer goes on, through the session that the pooler has already.
        await consumer.query("SELECT 1");
        await consumer.end();
        expect(await orders.rotator.inUse?.(old, now(), soon())).toMatchObject({
          kind: "used",
          detail: expect.stringContaining(poolMode === "session" ? "1 × unnamed" : "1 × orders-api"),
        });
        await pooler.console("RECONNECT");
        await expect
          .poll(async () => (await orders.rotator.inUse?.(old, now(), soon()))?.kind)
          .toBe("silent");
      });

      test("server_idle_timeout ends what nobody uses", async () => {
        const { orders, pooler } = await pooled({ poolMode, settings: { server_idle_timeout: "1" } });
        const [a = ""] = orders.roles;
        const old = await orders.versionOf(a);
        const consumer = await come(pooler, orders, a, orders.firstPassword);
        await consumer.query("SELECT 1");
        await consumer.end();
        expect(await orders.rotator.inUse?.(old, now(), soon())).toMatchObject({ kind: "used" });
        await expect
          .poll(async () => (await orders.rotator.inUse?.(old, now(), soon()))?.kind, { timeout: 8000 })
          .toBe("silent");
      });

      test("two roles in an emergency: what came in through the pooler with the leaked password can do nothing more", async () => {
        const settings = { server_login_retry: "1", query_wait_timeout: "2" };
        const { orders, pooler } = await pooled({ poolMode, settings }, { admin: "createrole" });
        const [a = ""] = orders.roles;
        await orders.adopt();
        const burnt = await orders.versionOf(a);
        const thieves = [
          await come(pooler, orders, a, orders.firstPassword),
          await come(pooler, orders, a, orders.firstPassword),
        ];
        await thieves[0]?.query("SELECT 1");
        await orders.rotator.verify(await orders.issue("attempt-1"), soon());
        await orders.rotator.revoke(burnt, fenceOn(burnt, 3), soon());
        expect(await orders.rotator.contain?.(burnt, now(), soon())).toMatchObject([{ dead: true }]);
        for (const thief of thieves) await expect(thief.query("SELECT 1")).rejects.toThrow(ENDED);
        expect(await sessionsOf(a)).toEqual([]);
      });

      test("in place in an emergency: a pooler is never said to be dead until its connections were ended", async () => {
        const { orders, pooler } = await pooled({ poolMode }, IN_PLACE);
        const [role = ""] = orders.roles;
        await orders.adopt();
        const burnt = await orders.versionOf(role);
        const thief = await come(pooler, orders, role, orders.firstPassword);
        const issued = await replace(orders);
        await orders.rotator.verify(issued, soon());
        const ended = { handle: burnt.handle, slot: role, live: false, reactivatable: false };
        const evidence = await orders.rotator.contain?.(ended, issued.createdAt, soon());
        // The reason: it came in with the leaked password, which is refused by now, and goes on.
        await expect(come(pooler, orders, role, orders.firstPassword)).rejects.toMatchObject({
          code: "08P01",
        });
        await thief.query("SELECT 1");
        expect(evidence).toMatchObject([
          { place: `127.0.0.1:${server.port}/${role}`, dead: true },
          { place: `127.0.0.1:${pooler.port}/${role}`, dead: false, detail: expect.stringContaining("KILL") },
        ]);
        // The cure that the evidence names.
        await pooler.console(`KILL ${orders.database}`);
        await pooler.console(`RESUME ${orders.database}`);
        await expect(thief.query("SELECT 1")).rejects.toThrow(ENDED);
        await come(pooler, orders, role, textOf(issued.parts, "password"));
      });

      test("applied again, the verifier has the same bytes, and the pooler's keys stay good; salted anew they do not", async () => {
        const settings = { server_login_retry: "1", query_wait_timeout: "2" };
        const { orders, pooler } = await pooled({ poolMode, settings }, IN_PLACE);
        const [role = ""] = orders.roles;
        await orders.adopt();
        const issued = await replace(orders);
        const password = textOf(issued.parts, "password");
        const consumers = [
          await come(pooler, orders, role, password),
          await come(pooler, orders, role, password),
        ];
        const before = await orders.stored(role);
        const again = await orders.versionOf(role);
        await orders.rotator.apply?.(issued, fenceOn(again, 2), soon());
        expect((await orders.stored(role)).password).toBe(before.password);
        await expect(consumers[0]?.query("SELECT 1")).resolves.toBeDefined();

        // The control: the same password once more from a client that salts it anew.
        await server.admin(`ALTER ROLE ${role} PASSWORD '${password}'`);
        expect((await orders.stored(role)).password).not.toBe(before.password);
        await pooler.console("RECONNECT");
        await endSessionsOf(role);
        await expect(consumers[1]?.query("SELECT 1")).rejects.toThrow(ENDED);
        expect(pooler.logText()).toContain("password authentication failed");
      });
    });

    describe.runIf(version === "embedded")("a pooler with passwords of its own", () => {
      const stale =
        "SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$lAAOlV1QuMW1+kRMhSFx6O0gQO9bIlWp1CzTLpyaYUQ=:IWcEgJWuoEpGjzmAnLMYlVv/ZZtX5UaGqxaMg4oGJJw=";
      const withCopy = (role: string): PoolerOptions => ({
        poolMode: "transaction",
        authQuery: false,
        users: { [role]: stale },
      });
      /** What stands in its `auth_file` for the role. */
      const copies: Readonly<Record<string, (role: string) => PoolerOptions>> = {
        "a stale verifier": withCopy,
        "a stale verifier, which wins over the server's": (role) => ({
          poolMode: "transaction",
          users: { [role]: stale },
        }),
        "the password of now in clear": (role) => ({
          poolMode: "transaction",
          authQuery: false,
          users: { [role]: "first-password" },
        }),
        nothing: () => ({ poolMode: "transaction", authQuery: false }),
      };

      /** Orders with a stem that is known before its pooler starts. */
      async function before(copy: (role: string) => PoolerOptions, roles: 1 | 2, index: number) {
        const stem = `orders_${randomBytes(4).toString("hex")}`;
        const role = `${stem}_${["a", "b"][index]}`;
        return pooled(copy(role), { stem, roles, ...(roles === 1 ? { ownerRole: false } : {}) });
      }

      test("two roles: the sign-in before anybody is told refuses it", async () => {
        // Side by side, because each is tried again for a while.
        const tried = Object.values(copies).map(async (copy) => {
          const { orders, pooler } = await before(copy, 2, 1);
          await orders.adopt();
          const issued = await orders.issue("attempt-1");
          await expect(orders.rotator.verify(issued, soon())).rejects.toMatchObject({
            code: "verify-refused",
            message: expect.stringContaining(`127.0.0.1:${pooler.port}`),
            fix: expect.stringMatching(/auth_query.*auth_file.*RELOAD/),
          });
          expect(await orders.works(orders.roles[0] ?? "", orders.firstPassword)).toBe(true);
        });
        expect(await Promise.all(tried)).toHaveLength(4);
      });

      test.each(Object.entries(copies))(
        "%s, one role: the preflight refuses it, nothing is changed",
        async (_, copy) => {
          const { orders, pooler } = await before(copy, 1, 0);
          const [role = ""] = orders.roles;
          const stored = await orders.stored(role);
          await expect(orders.rotator.preflight(soon())).rejects.toMatchObject({
            code: "pooler-own-verifier",
            message: expect.stringContaining(`127.0.0.1:${pooler.port} (connection pooler)`),
            fix: expect.stringMatching(/auth_query.*auth_file.*RELOAD/),
          });
          expect(await orders.stored(role)).toEqual(stored);
        },
      );

      test("one role: a copy that is right today passes, as the documentation says, and fails the next sign-in", async () => {
        const { orders } = await before(withCopy, 1, 0);
        await server.admin(`ALTER ROLE ${orders.roles[0]} PASSWORD '${stale}'`);
        await expect(orders.rotator.preflight(soon())).resolves.toBeUndefined();
        await orders.adopt();
        await expect(orders.rotator.verify(await replace(orders), soon())).rejects.toMatchObject({
          code: "verify-refused",
        });
      });

      test("one role: a pooler that asks the server passes", async () => {
        const { orders } = await pooled({ poolMode: "transaction" }, IN_PLACE);
        await expect(orders.rotator.preflight(soon())).resolves.toBeUndefined();
      });
    });

    test.runIf(version === "embedded")(
      "in place: a pooler that lets nobody in after a failed sign-in of its own is waited for",
      async () => {
        const settings = { server_login_retry: "5" };
        const { orders, pooler } = await pooled({ poolMode: "transaction", settings }, IN_PLACE);
        const [role = ""] = orders.roles;
        await orders.adopt();
        const consumer = await come(pooler, orders, role, orders.firstPassword);
        const issued = await replace(orders);
        // It asks for a session that the pooler has not, and can only open with the keys of the old password.
        await endSessionsOf(role);
        const asking = consumer.query("SELECT 1").catch((error: unknown) => error);
        await expect.poll(() => pooler.logText()).toContain("login failed");
        await consumer.end();
        const began = Date.now();
        await orders.rotator.verify(issued, soon());
        expect(pooler.logText()).toContain("server login has been failing");
        expect(Date.now() - began).toBeGreaterThan(3_750);
        expect(await asking).toBeInstanceOf(Error);
      },
    );

    test("the way to the pooler is TLS with a verified name, where the connection says so", async () => {
      const authority = createAuthority();
      const tls = authority.issue(["127.0.0.1"]);
      const good = await pooled({ poolMode: "transaction", tls }, { files: { "ca.pem": authority.ca } });
      await good.orders.rotator.preflight(soon());
      await good.orders.adopt();
      await good.orders.rotator.verify(await good.orders.issue("attempt-1"), soon());
      expect(good.pooler.logText()).toContain("tls=TLSv1.3");

      const bad = await pooled(
        { poolMode: "transaction", tls },
        { files: { "ca.pem": createAuthority().ca } },
      );
      await expect(bad.orders.rotator.preflight(soon())).rejects.toMatchObject({ code: "tls-untrusted" });
    });

    test("nobody but us is disturbed by the end of our own session there", async () => {
      const { orders, pooler } = await pooled({ poolMode: "transaction" }, IN_PLACE);
      const [role = ""] = orders.roles;
      await orders.adopt();
      const issued = await replace(orders);
      const consumer = await come(pooler, orders, role, textOf(issued.parts, "password"));
      await consumer.query("BEGIN; SELECT 1");
      await orders.rotator.verify(issued, soon());
      await consumer.query("COMMIT");
      expect(
        await orders.rotator.contain?.(
          { handle: "old", slot: role, live: false, reactivatable: false },
          addTo(now(), -60),
          soon(),
        ),
      ).toMatchObject([{ dead: true }, { dead: false }]);
    });
  },
);
