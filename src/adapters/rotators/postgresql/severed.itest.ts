import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import { addTo, instantOf } from "../../../core/model/instant.ts";
import type { BoundRotator, Issued, ObservedVersion } from "../../../core/ports/rotator.ts";
import { postgresVersions, startPostgres, type TestPostgres } from "../../../testing/services/postgresql.ts";
import {
  createOrders,
  fenceOn,
  markOf,
  type Orders,
  soon,
  textOf,
} from "../../../testing/services/postgresql-orders.ts";
import { type Cut, type Exchange, startSeveredProxy } from "../../../testing/services/severed-proxy.ts";

type Told<T> =
  | { readonly outcome: "applied"; readonly value: T }
  | { readonly outcome: "refused" | "unknown" | "failed"; readonly code: string };

/** Runs a call over a connection that is cut, and gives what its caller is told. */
async function cutOff<T>(
  server: TestPostgres,
  orders: Orders,
  cut: Cut | undefined,
  call: (rotator: BoundRotator) => Promise<T>,
): Promise<{ told: Told<T>; exchanges: readonly Exchange[]; isCut: boolean }> {
  const proxy = startSeveredProxy();
  proxy.arm(cut);
  const port = await proxy.lead("admin", server.port);
  const seen = (told: Told<T>) => ({ told, exchanges: [...proxy.exchanges()], isCut: proxy.isCut() });
  try {
    return seen({ outcome: "applied", value: await call(await orders.bind({ port })) });
  } catch (error) {
    if (error instanceof EffectError) return seen({ outcome: error.outcome, code: error.code });
    if (error instanceof CreError) return seen({ outcome: "failed", code: error.code });
    throw error;
  } finally {
    await proxy.close();
  }
}

/** Before and after every request, and inside every answer: in its middle, and before its last byte. */
function cutsOf(exchanges: readonly Exchange[]): Cut[] {
  return exchanges.flatMap(({ answer }, index): Cut[] => {
    const request = index + 1;
    const places = new Set([answer >> 1, answer - 1].filter((bytes) => bytes > 0));
    return [
      { request, when: "before" },
      { request, when: "after" },
      ...[...places].map((bytes) => ({ request, when: "inside" as const, bytes })),
    ];
  });
}

type RoleState = Awaited<ReturnType<Orders["stored"]>>;

/** Puts roles back to what they were, whatever an effect did to them. */
async function restore(server: TestPostgres, states: ReadonlyMap<string, RoleState>): Promise<void> {
  for (const [role, { password, canLogin, comment }] of states) {
    await server.admin(
      `ALTER ROLE ${role} ${canLogin ? "LOGIN" : "NOLOGIN"} PASSWORD ${password === null ? "NULL" : `'${password}'`};
       COMMENT ON ROLE ${role} IS ${comment === null ? "NULL" : `'${comment}'`}`,
    );
  }
}

interface Effect {
  readonly name: string;
  readonly roles: 1 | 2;
  /** Brings the adopted pair into the state that the effect starts from. */
  arrange?(orders: Orders, server: TestPostgres): Promise<void>;
  /** Over the cut connection. Gives what was made, for `issue` and `apply`. */
  act(rotator: BoundRotator, version: ObservedVersion, orders: Orders): Promise<Issued | undefined>;
  /** The role it acts on. */
  readonly on: "a" | "b";
  /** What the role is when it happened; `password` other than before only for a new one. */
  readonly after: { readonly canLogin: boolean; readonly password: "same" | "new" | "none" };
}

const NEXT = markOf("attempt-1", 7);
const EFFECTS: readonly Effect[] = [
  {
    name: "adopt",
    roles: 2,
    arrange: async ({ roles }, server) => void (await server.admin(`COMMENT ON ROLE ${roles[0]} IS NULL`)),
    act: async (rotator, version) => {
      await rotator.adopt(version, NEXT, soon());
      return undefined;
    },
    on: "a",
    after: { canLogin: true, password: "same" },
  },
  {
    name: "issue",
    roles: 2,
    act: async (rotator, version) => rotator.issue?.(NEXT, [version], soon()),
    on: "b",
    after: { canLogin: true, password: "new" },
  },
  {
    name: "apply",
    roles: 1,
    act: async (rotator, version) => {
      const issued = await rotator.generate?.(NEXT, version, soon());
      if (issued === undefined) throw new Error("not in place");
      await rotator.apply?.(issued, { expected: version.mark, next: NEXT }, soon());
      return issued;
    },
    on: "a",
    after: { canLogin: true, password: "new" },
  },
  {
    name: "deactivate",
    roles: 2,
    act: async (rotator, version) => {
      await rotator.deactivate?.(version, fenceOn(version, NEXT.epoch), soon());
      return undefined;
    },
    on: "a",
    after: { canLogin: false, password: "same" },
  },
  {
    name: "reactivate",
    roles: 2,
    arrange: async ({ roles }, server) => void (await server.admin(`ALTER ROLE ${roles[0]} NOLOGIN`)),
    act: async (rotator, version) => {
      await rotator.reactivate?.(version, fenceOn(version, NEXT.epoch), soon());
      return undefined;
    },
    on: "a",
    after: { canLogin: true, password: "same" },
  },
  {
    name: "revoke",
    roles: 2,
    act: async (rotator, version) => {
      await rotator.revoke(version, fenceOn(version, NEXT.epoch), soon());
      return undefined;
    },
    on: "a",
    after: { canLogin: false, password: "none" },
  },
];

describe.each(postgresVersions())("%s server", (version) => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres({ version });
  });
  afterAll(async () => server?.stop());

  describe.each(EFFECTS)("$name", (effect) => {
    test("cut anywhere: all of it or nothing, refused is never applied, unknown only once COMMIT may be on its way", {
      timeout: 120_000,
    }, async () => {
      const { on, after: changed } = effect;
      const orders = await createOrders(server, { roles: effect.roles });
      await orders.adopt();
      await effect.arrange?.(orders, server);
      const [a = "", b = ""] = orders.roles;
      const role = on === "a" ? a : b;
      const present = await orders.versionOf(a);
      const states = new Map<string, RoleState>();
      for (const name of orders.roles) states.set(name, await orders.stored(name));
      const before = await orders.stored(role);
      const whole = await cutOff(server, orders, undefined, async (rotator) =>
        effect.act(rotator, present, orders),
      );
      expect(whole.told.outcome).toBe("applied");
      expect((await orders.stored(role)).comment).toContain(`:${NEXT.epoch}`);

      const seen = { applied: 0, refused: 0, unknown: 0, failed: 0 };
      const doubtful = new Set<number>();
      for (const cut of cutsOf(whole.exchanges)) {
        await restore(server, states);
        let made: Issued | undefined;
        const { told, isCut } = await cutOff(server, orders, cut, async (rotator) => {
          made = await effect.act(rotator, present, orders);
          return made;
        });
        expect({ cut, isCut }).toEqual({ cut, isCut: true });
        seen[told.outcome] += 1;
        if (told.outcome === "unknown") doubtful.add(cut.request);

        // What the probe says is what the server has, whatever the client was told.
        const after = await orders.stored(role);
        const applied = after.comment?.includes(`:${NEXT.epoch}`) === true;
        const password =
          after.password === null ? "none" : after.password === before.password ? "same" : "new";
        const untouched = { canLogin: before.canLogin, password: before.password === null ? "none" : "same" };
        expect({ cut, canLogin: after.canLogin, password }).toEqual({
          cut,
          ...(applied ? changed : untouched),
        });
        const slot = (await orders.observe()).find((one) => one.slot === role);
        expect({ cut, marked: slot?.mark?.epoch === NEXT.epoch }).toEqual({
          cut,
          marked: applied && changed.password !== "none",
        });
        expect({ cut, told: told.outcome, applied }).not.toMatchObject({ told: "refused", applied: true });
        expect({ cut, told: told.outcome, applied }).not.toMatchObject({ told: "applied", applied: false });
        expect(made === undefined || (await orders.works(role, textOf(made.parts, "password")))).toBe(true);
        // What never happened is done by the next try, over a whole connection.
        if (!applied) await effect.act(await orders.bind(), present, orders);
        expect((await orders.stored(role)).comment).toContain(`:${NEXT.epoch}`);
      }
      // One request is COMMIT; only cuts at it leave a doubt.
      expect({ ...seen, doubtful: doubtful.size }).toMatchObject({ failed: 0, unknown: 4, doubtful: 1 });
      expect(seen.applied).toBeGreaterThan(0);
      expect(seen.refused).toBeGreaterThan(20);
    });
  });

  test("a probe that is cut off says so, and never gives another answer than the whole one", {
    timeout: 120_000,
  }, async () => {
    const orders = await createOrders(server);
    await orders.adopt();
    const [a = ""] = orders.roles;
    const issued = await orders.issue("attempt-1");
    const client = await orders.signIn(a, orders.firstPassword);
    const old = await orders.versionOf(a);
    const since = addTo(instantOf(Date.now() / 1000), -60);
    const probes: Readonly<Record<string, (rotator: BoundRotator) => Promise<unknown>>> = {
      preflight: async (rotator) => rotator.preflight(soon()),
      observe: async (rotator) => rotator.observe(soon()),
      verify: async (rotator) => rotator.verify(issued, soon()),
      inUse: async (rotator) => (await rotator.inUse?.(old, since, soon()))?.kind,
      contain: async (rotator) =>
        (await rotator.contain?.(old, since, soon()))?.map(({ place, dead }) => ({
          place: place.replace(/:\d+/, ""),
          dead,
        })),
    };
    for (const [name, probe] of Object.entries(probes)) {
      const whole = await cutOff(server, orders, undefined, probe);
      if (whole.told.outcome !== "applied") throw new Error(`${name} does not work`);
      for (const cut of cutsOf(whole.exchanges)) {
        const { told, isCut } = await cutOff(server, orders, cut, probe);
        expect({ name, cut, isCut }).toEqual({ name, cut, isCut: true });
        // Nobody is told, say, of a change that goes on where only the connection was lost.
        const lost = told.outcome === "failed" && ["unreachable", "postgresql-read"].includes(told.code);
        expect({ name, cut, told: lost ? "lost" : told }).toEqual({
          name,
          cut,
          told: told.outcome === "applied" ? whole.told : "lost",
        });
      }
    }
    await client.end().catch(() => undefined);
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
