import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EffectError } from "../../../core/model/errors.ts";
import type { TestPostgres } from "../../../testing/services/postgresql.ts";
import {
  createOrders,
  fenceOn,
  markOf,
  ROTATION,
  soon,
  textOf,
} from "../../../testing/services/postgresql-orders.ts";
import { postgresServers } from "../../../testing/services/postgresql-servers.ts";

const ADMINS = ["superuser", "createrole"] as const;

describe.each(postgresServers())("$name server", ({ start }) => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => server?.stop());

  describe.each(ADMINS)("%s admin", (admin) => {
    test("two roles alternate from adoption to the next but one password", async () => {
      const orders = await createOrders(server, { admin });
      const [a = "", b = ""] = orders.roles;
      const { rotator } = orders;
      await rotator.preflight(soon());
      expect((await orders.observe()).map(({ handle, live }) => ({ handle, live }))).toEqual([
        { handle: a, live: true },
        { handle: b, live: false },
      ]);
      await orders.adopt();
      // The idle role is marked as taken by us, and holds no version.
      expect(await orders.observe()).toMatchObject([{ handle: a, mark: markOf("adoption", 1) }]);
      expect((await orders.stored(b)).comment).toBe(`[cre:${ROTATION}:adoption:1:free]`);

      const issued = await orders.issue("attempt-1", 2);
      expect(issued).toMatchObject({ slot: b, handle: `${b}@attempt-1` });
      await rotator.verify(issued, soon());
      expect(await orders.works(b, textOf(issued.parts, "password"))).toBe(true);
      expect(await orders.works(a, orders.firstPassword)).toBe(true);

      const old = await orders.versionOf(a);
      await rotator.deactivate?.(old, fenceOn(old, 3), soon());
      expect(await orders.works(a, orders.firstPassword)).toBe(false);
      expect(await orders.versionOf(a)).toMatchObject({
        handle: a,
        live: false,
        reactivatable: true,
        mark: { epoch: 3 },
      });
      const asleep = await orders.versionOf(a);
      await rotator.reactivate?.(asleep, fenceOn(asleep, 4), soon());
      expect(await orders.works(a, orders.firstPassword)).toBe(true);

      const awake = await orders.versionOf(a);
      const fence = fenceOn(awake, 5);
      await rotator.deactivate?.(awake, fence, soon());
      await rotator.deactivate?.(awake, fence, soon());
      await rotator.revoke(awake, fence, soon());
      await rotator.revoke(awake, fence, soon());
      expect(await orders.stored(a)).toEqual({
        password: null,
        canLogin: false,
        comment: `[cre:${ROTATION}:adoption:5:free]`,
      });
      await expect(rotator.reactivate?.(awake, fenceOn(awake, 6), soon())).rejects.toMatchObject({
        code: "revoked",
        outcome: "refused",
      });
      expect(await orders.observe()).toMatchObject([{ slot: b }]);

      const next = await orders.issue("attempt-2", 6);
      expect(next.slot).toBe(a);
      await rotator.verify(next, soon());
      expect(await orders.works(b, textOf(issued.parts, "password"))).toBe(true);
    });

    test("one role is changed in place, and twice with the same bytes", async () => {
      const orders = await createOrders(server, { admin, roles: 1 });
      const [role = ""] = orders.roles;
      const { rotator } = orders;
      await rotator.preflight(soon());
      await orders.adopt();
      const current = await orders.versionOf(role);
      const issued = await rotator.generate?.(markOf("attempt-1", 2), current, soon());
      if (issued === undefined) throw new Error("nothing generated");
      expect(await orders.works(role, orders.firstPassword)).toBe(true);

      const fence = { expected: current.mark, next: markOf("attempt-1", 2) };
      await rotator.apply?.(issued, fence, soon());
      const stored = await orders.stored(role);
      await rotator.apply?.(issued, fence, soon());
      expect(await orders.stored(role)).toEqual(stored);
      await rotator.verify(issued, soon());
      expect(await orders.works(role, orders.firstPassword)).toBe(false);
      expect(await orders.versionOf(role)).toMatchObject({
        handle: issued.handle,
        live: true,
        mark: fence.next,
      });
    });

    test("the comment of people is kept through every effect", async () => {
      const orders = await createOrders(server, { admin });
      const [a = "", b = ""] = orders.roles;
      const words = `it's "ours" — ключ 🔑\n\tsecond line \\ 'E\\' $$ ; DROP ROLE x; --`;
      await server.admin(
        `COMMENT ON ROLE ${a} IS $cre$${words}$cre$; COMMENT ON ROLE ${b} IS $cre$${words}$cre$`,
      );
      await orders.adopt();
      await orders.issue("attempt-1", 2);
      const old = await orders.versionOf(a);
      await orders.rotator.revoke(old, fenceOn(old, 3), soon());
      expect((await orders.stored(a)).comment).toBe(`${words} [cre:${ROTATION}:adoption:3:free]`);
      expect((await orders.stored(b)).comment).toBe(`${words} [cre:${ROTATION}:attempt-1:2]`);
    });
  });

  test("the same process may issue the same attempt again, and changes nothing", async () => {
    const orders = await createOrders(server);
    await orders.adopt();
    const once = await orders.issue("attempt-1", 2);
    const stored = await orders.stored(once.slot);
    const again = await orders.issue("attempt-1", 2);
    expect(textOf(again.parts, "password")).toBe(textOf(once.parts, "password"));
    expect(await orders.stored(once.slot)).toEqual(stored);
    // Another process has lost the secret: that attempt is over.
    const other = await orders.bind();
    await expect(
      other.issue?.(markOf("attempt-1", 2), await other.observe(soon()), soon()),
    ).rejects.toMatchObject({
      code: "already-issued",
      outcome: "refused",
    });
  });

  test("a stale runner and a foreign mark change nothing", async () => {
    const orders = await createOrders(server);
    const [a = "", b = ""] = orders.roles;
    const { rotator } = orders;
    await orders.adopt();
    const seen = await orders.versionOf(a);
    await rotator.deactivate?.(seen, fenceOn(seen, 9), soon());
    const before = [await orders.stored(a), await orders.stored(b)];

    await expect(rotator.reactivate?.(seen, fenceOn(seen, 8), soon())).rejects.toMatchObject({
      code: "fenced",
      outcome: "refused",
    });
    const foreign = { expected: markOf("somebody", 1), next: markOf("somebody", 9) };
    for (const effect of ["deactivate", "reactivate", "revoke"] as const) {
      await expect(rotator[effect]?.(seen, foreign, soon())).rejects.toMatchObject({
        code: "foreign-mark",
        outcome: "refused",
        retryable: false,
      });
    }
    await expect(rotator.adopt(seen, markOf("another", 10), soon())).rejects.toMatchObject({
      code: "foreign-mark",
    });
    const wrong = { ...seen, mark: markOf("somebody", 1) };
    await expect(rotator.issue?.(markOf("attempt-1", 10), [wrong], soon())).rejects.toMatchObject({
      code: "foreign-mark",
    });
    await expect(rotator.issue?.(markOf("attempt-1", 1), [seen], soon())).rejects.toMatchObject({
      code: "fenced",
    });
    expect([await orders.stored(a), await orders.stored(b)]).toEqual(before);
  });

  test("issue refuses an idle role that somebody uses, can use, or marked, but not our own probe", async () => {
    const orders = await createOrders(server);
    const [, b = ""] = orders.roles;
    await orders.adopt();
    await server.admin(`ALTER ROLE ${b} LOGIN PASSWORD 'left over'`);
    const session = await orders.signIn(b, "left over");
    const probe = await orders.signIn(b, "left over", "cre-verify");
    await expect(orders.issue("attempt-1")).rejects.toMatchObject({
      code: "idle-can-login",
      retryable: false,
    });
    // Revoked by us and allowed to log in again: a version that no record knows.
    expect(await orders.versionOf(b)).toMatchObject({ live: true, handle: b });
    expect((await orders.versionOf(b)).mark).toBeUndefined();

    await server.admin(`ALTER ROLE ${b} NOLOGIN`);
    await expect(orders.issue("attempt-1")).rejects.toMatchObject({
      code: "idle-in-use",
      outcome: "refused",
      retryable: true,
    });
    await session.end();
    await expect.poll(async () => (await orders.issue("attempt-1").catch(() => undefined))?.slot).toBe(b);
    await probe.end();
  });

  test("of 16 issuers at once, from two databases, exactly one wins", async () => {
    const orders = await createOrders(server);
    await orders.adopt();
    const occupied = await orders.observe();
    const issuers = await Promise.all(
      Array.from({ length: 16 }, async (_, n) => orders.bind(n % 2 === 0 ? {} : { database: "postgres" })),
    );
    const results = await Promise.allSettled(
      issuers.map(async (issuer, n) => issuer.issue?.(markOf(`attempt-${n}`, 2), occupied, soon())),
    );
    const winners = results.flatMap((result, n) => (result.status === "fulfilled" ? [n] : []));
    expect(winners).toHaveLength(1);
    const losers = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    expect(losers.every((reason) => reason instanceof EffectError && reason.outcome === "refused")).toBe(
      true,
    );
    const [winner] = results.flatMap((result) =>
      result.status === "fulfilled" && result.value ? [result.value] : [],
    );
    if (winner === undefined) throw new Error("no winner");
    expect((await orders.versionOf(winner.slot)).mark?.attempt).toBe(`attempt-${winners[0]}`);
    expect(await orders.works(winner.slot, textOf(winner.parts, "password"))).toBe(true);
  });

  test("an end that people gave to the old password is shown, and the new one has none", async () => {
    const orders = await createOrders(server, { roles: 1 });
    const [role = ""] = orders.roles;
    await server.admin(`ALTER ROLE ${role} VALID UNTIL '2040-01-02 03:04:05+00'`);
    expect(await orders.versionOf(role)).toMatchObject({ live: true, expiresAt: "2040-01-02T03:04:05Z" });
    await server.admin(`ALTER ROLE ${role} VALID UNTIL '2001-01-01'`);
    await orders.adopt();
    const current = await orders.versionOf(role);
    expect(current.live).toBe(false);
    const issued = await orders.rotator.generate?.(markOf("attempt-1", 2), current, soon());
    if (issued === undefined) throw new Error("nothing generated");
    await orders.rotator.apply?.(issued, { expected: current.mark, next: markOf("attempt-1", 2) }, soon());
    await orders.rotator.verify(issued, soon());
    expect((await orders.versionOf(role)).expiresAt).toBeUndefined();
  });

  test("a role that is gone is no version, its revocation is success, every other effect is refused", async () => {
    const orders = await createOrders(server);
    const [a = "", b = ""] = orders.roles;
    await orders.adopt();
    const gone = await orders.versionOf(a);
    await server.admin(`DROP ROLE ${a}`);
    expect(await orders.observe()).toEqual([]);
    await orders.rotator.revoke(gone, fenceOn(gone, 3), soon());
    await expect(orders.rotator.deactivate?.(gone, fenceOn(gone, 3), soon())).rejects.toMatchObject({
      code: "role-missing",
    });
    await expect(orders.rotator.issue?.(markOf("attempt-1", 3), [gone], soon())).rejects.toMatchObject({
      code: "role-missing",
    });
    expect((await orders.stored(b)).password).toBeNull();
  });

  test("an observation waits for an effect that is still going on", async () => {
    const orders = await createOrders(server);
    await orders.adopt();
    const [, b = ""] = orders.roles;
    const holder = await orders.signIn(server.superuser, server.password, "holder");
    const { lockStatement } = await import("./roles.ts");
    await holder.query("BEGIN");
    await holder.query(lockStatement([b], "exclusive"));
    let answered = false;
    const observing = orders.observe().then(() => {
      answered = true;
    });
    await expect
      .poll(async () => server.admin("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
      .toHaveLength(1);
    expect(answered).toBe(false);
    await holder.query("ROLLBACK");
    await observing;
    await holder.end();
  });

  test("an abort ends a waiting effect at once, and nothing was changed", async () => {
    const orders = await createOrders(server);
    await orders.adopt();
    const [a = "", b = ""] = orders.roles;
    const occupied = await orders.observe();
    const holder = await orders.signIn(server.superuser, server.password, "holder");
    const { lockStatement } = await import("./roles.ts");
    await holder.query("BEGIN");
    await holder.query(lockStatement([a], "exclusive"));
    const stop = new AbortController();
    const issuing = orders.rotator.issue?.(markOf("attempt-1", 2), occupied, stop.signal);
    await expect
      .poll(async () => server.admin("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
      .toHaveLength(1);
    stop.abort();
    await expect(issuing).rejects.toMatchObject({ outcome: "refused", code: "cut-off" });
    await holder.end();
    expect((await orders.stored(b)).password).toBeNull();
    await expect(orders.rotator.observe(AbortSignal.abort())).rejects.toThrow("aborted");
  });
});
