import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgresVersions, startPostgres } from "../services/postgresql.ts";
import { judgeAll, type NamedServer } from "./disturbed.ts";
import { createWave } from "./estate.ts";
import { discoverPoints, failAfter, killAt, type Point } from "./killed-rotation.ts";
import { type Row, writeReport } from "./report.ts";
import type { Rights, TenantPlan } from "./tenant.ts";

const servers: NamedServer[] = [];
beforeAll(async () => {
  for (const version of postgresVersions()) {
    const postgres = await startPostgres({
      version,
      settings: { log_statement: "all", max_connections: "200" },
    });
    const [shown] = await postgres.admin("SHOW server_version_num");
    servers.push({
      name: `PostgreSQL ${Math.floor(Number(shown?.["server_version_num"]) / 10_000)}`,
      postgres,
    });
  }
});
afterAll(async () => {
  for (const { postgres } of servers) await postgres.stop();
});

const RIGHTS: readonly Rights[] = ["superuser", "CREATEROLE, sees sessions", "CREATEROLE, sees no sessions"];

/** One credential for every server and every kind of admin login. */
function matrix(): TenantPlan[] {
  return servers.flatMap(({ postgres }, server) =>
    RIGHTS.map(
      (rights, n): TenantPlan => ({
        name: `orders-${server}-${n}`,
        postgres,
        slots: "two roles",
        rights,
        sampleEvery: 2500,
      }),
    ),
  );
}

/** One credential on the first server, as superuser. */
function sole(slots: TenantPlan["slots"]): TenantPlan[] {
  return servers
    .slice(0, 1)
    .map(({ postgres }) => ({ name: "orders-db", postgres, slots, sampleEvery: 500 }));
}

const TWO_SLOTS = ["push", "adopt", "issue", "stage", "promote", "deactivate", "revoke"];

describe.each<{
  title: string;
  name: string;
  plans: () => TenantPlan[];
  calls: readonly string[];
  only?: readonly string[];
}>([
  {
    title: "two roles on every server with every kind of admin login",
    name: "matrix",
    plans: matrix,
    calls: TWO_SLOTS,
  },
  {
    title: "one role in place",
    name: "in-place",
    plans: () => sole("one role"),
    calls: ["push", "adopt", "stage", "apply", "promote"],
  },
  {
    title: "two roles through an env file",
    name: "alternate-env-file",
    plans: () => sole("two roles through an env file"),
    calls: TWO_SLOTS,
    // All else is killed with another delivery already.
    only: ["stage", "promote"],
  },
])("a rotation of $title", ({ title, name, plans, calls, only }) => {
  let points: readonly Point[];
  beforeAll(async () => {
    points = await discoverPoints(async () => createWave(plans()));
  }, 120_000);

  const rows: Row[] = [];
  let kills = 0;
  afterAll(() => {
    const what = `A rotation killed before and after every push and every effect: ${title}`;
    writeReport(`conformance-postgresql-${name}`, what, rows, kills);
  });

  test("killed before and after every push and every effect, loses no secret, locks nobody out, leaves no orphan and touches nothing foreign", {
    timeout: 900_000,
  }, async () => {
    expect([...new Set(points.map(({ call }) => call))].toSorted()).toEqual([...calls].toSorted());
    const killed = points.filter(({ call }) => only?.includes(call) ?? true);
    kills = killed.length;
    rows.push(...(await judgeAll(servers, plans(), killed, killAt)));
    expect(rows.filter(({ outcome }) => outcome !== "rotated")).toEqual([]);
    for (const plan of plans()) {
      const own = killed.filter(({ credentials }) => credentials.includes(plan.name));
      const died = new Set(own.map(({ call }) => call));
      expect([plan.name, ...died].toSorted()).toEqual([plan.name, ...(only ?? calls)].toSorted());
    }
    expect(rows.reduce((sum, row) => sum + row.logins, 0)).toBeGreaterThan(rows.length);
  });

  test("survives every effect that happens although its answer is lost", { timeout: 900_000 }, async () => {
    const effects = points.filter(
      ({ call, side }) => side === "after" && call !== "push" && (only?.includes(call) ?? true),
    );
    const judged = await judgeAll(servers, plans(), effects, failAfter);
    expect(judged.filter(({ outcome }) => outcome !== "rotated")).toEqual([]);
  });
});
