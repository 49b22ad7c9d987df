import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EffectError } from "../../../core/model/errors.ts";
import type { BoundRotator, Issued } from "../../../core/ports/rotator.ts";
import { postgresVersions, startPostgres, type TestPostgres } from "../../../testing/services/postgresql.ts";
import {
  createOrders,
  fenceOn,
  markOf,
  type Orders,
  soon,
  textOf,
} from "../../../testing/services/postgresql-orders.ts";
import { type Cut, startSeveredProxy } from "../../../testing/services/severed-proxy.ts";

/** Runs an effect over a connection that is cut, and gives its outcome. */
async function cutOff<T>(
  server: TestPostgres,
  orders: Orders,
  cut: Cut | undefined,
  effect: (rotator: BoundRotator) => Promise<T>,
): Promise<{ outcome: "applied" | "refused" | "unknown"; value?: T; messages: number }> {
  const proxy = await startSeveredProxy(server.port, cut);
  try {
    const rotator = await orders.bind({ port: proxy.port });
    const value = await effect(rotator);
    return { outcome: "applied", value, messages: proxy.messages() };
  } catch (error) {
    if (!(error instanceof EffectError)) throw error;
    return { outcome: error.outcome, messages: proxy.messages() };
  } finally {
    await proxy.close();
  }
}

function cutsOf(messages: number): Cut[] {
  return Array.from({ length: messages }, (_, n) => n + 1).flatMap((message) => [
    { message, when: "before" as const },
    { message, when: "after" as const },
  ]);
}

describe.each(postgresVersions())("%s server", (version) => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres({ version });
  });
  afterAll(async () => server?.stop());

  test("cut at any message of issue: mark and password agree, refused is never applied, applied never refused", async () => {
    const orders = await createOrders(server);
    const [a = "", b = ""] = orders.roles;
    await orders.adopt();
    const occupied = [await orders.versionOf(a)];
    const issue = async (
      rotator: BoundRotator,
      attempt: string,
      epoch: number,
    ): Promise<Issued | undefined> => rotator.issue?.(markOf(attempt, epoch), occupied, soon());
    const whole = await cutOff(server, orders, undefined, async (rotator) => issue(rotator, "attempt-0", 2));
    expect(whole.messages).toBeGreaterThan(8);

    const seen = { applied: 0, refused: 0, unknown: 0 };
    let epoch = 2;
    for (const [n, cut] of cutsOf(whole.messages).entries()) {
      const present = (await orders.observe()).find(({ slot }) => slot === b);
      epoch += 1;
      if (present !== undefined) await orders.rotator.revoke(present, fenceOn(present, epoch), soon());
      const before = await orders.stored(b);
      const attempt = `attempt-${n + 1}`;
      let made: Issued | undefined;
      const { outcome } = await cutOff(server, orders, cut, async (rotator) => {
        made = await issue(rotator, attempt, epoch);
      });
      seen[outcome] += 1;

      // What the probe says is what the server has, whatever the client was told.
      const found = (await orders.observe()).find(({ slot }) => slot === b);
      const applied = found?.mark?.attempt === attempt;
      const after = await orders.stored(b);
      expect({
        cut,
        marked: applied,
        changed: after.password !== before.password,
        canLogin: after.canLogin,
      }).toEqual({
        cut,
        marked: applied,
        changed: applied,
        canLogin: applied,
      });
      expect({ cut, outcome, applied }).not.toMatchObject({ outcome: "refused", applied: true });
      expect({ cut, outcome, applied }).not.toMatchObject({ outcome: "applied", applied: false });
      expect(made === undefined || (await orders.works(b, textOf(made.parts, "password")))).toBe(true);
    }
    // The cuts reach every outcome, also the one in which COMMIT arrived and its answer did not.
    expect(Object.values(seen).every((count) => count > 0)).toBe(true);
    expect(seen.unknown).toBeGreaterThanOrEqual(2);
  });

  test("a server that ends in mid-transaction leaves nothing, and the client knows", async () => {
    const orders = await createOrders(server);
    await orders.adopt();
    const [a = "", b = ""] = orders.roles;
    const holder = await orders.signIn(server.superuser, server.password, "holder");
    await holder.query("BEGIN");
    await holder.query(`ALTER ROLE ${b} CONNECTION LIMIT 9`);
    const occupied = [await orders.versionOf(a)];
    const issuing = orders.rotator
      .issue?.(markOf("attempt-1", 2), occupied, soon())
      .catch((error: unknown) => error);
    const waiting = "SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'";
    await expect.poll(async () => server.admin(waiting)).toHaveLength(1);
    await server.admin(
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'",
    );
    expect(await issuing).toMatchObject({ outcome: "refused" });
    await holder.query("ROLLBACK");
    await holder.end();
    expect(await orders.stored(b)).toMatchObject({ password: null, canLogin: false });
  });
});
