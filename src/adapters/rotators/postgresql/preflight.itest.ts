import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CreError } from "../../../core/model/errors.ts";
import { postgresVersions, startPostgres, type TestPostgres } from "../../../testing/services/postgresql.ts";
import {
  createOrders,
  type Orders,
  type OrdersOptions,
  soon,
} from "../../../testing/services/postgresql-orders.ts";

async function refusal(orders: Orders): Promise<CreError> {
  const error: unknown = await orders.rotator.preflight(soon()).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof CreError) return error;
  throw new Error("the preflight passed");
}

/** The statements that the refusal tells people to run. */
function statementsOf({ fix }: CreError): string {
  return (fix ?? "").split("\n").slice(1).join("\n");
}

describe.each(postgresVersions())("%s server", (version) => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres({ version });
  });
  afterAll(async () => server?.stop());

  /** What people may have done to a database, and what the refusal must say about it. */
  const gaps: readonly (readonly [string, OrdersOptions, (orders: Orders) => string, string, RegExp])[] = [
    [
      "the second role is missing",
      {},
      ({ roles }) => `DROP ROLE ${roles[1]}`,
      "role-missing",
      /CREATE ROLE "orders_\w+_b" NOLOGIN;/,
    ],
    [
      "the second role is missing and the admin is no superuser",
      { admin: "createrole" },
      ({ roles }) => `DROP ROLE ${roles[1]}; ALTER ROLE ${roles[0]} CONNECTION LIMIT 20`,
      "role-missing",
      /CREATE ROLE "orders_\w+_b" NOLOGIN;[^]*CONNECTION LIMIT 20;/,
    ],
    [
      "the owner role is missing",
      {},
      ({ database, owner, roles }) => `ALTER DATABASE ${database} OWNER TO ${roles[0]}; DROP ROLE ${owner}`,
      "role-missing",
      /CREATE ROLE "orders_\w+_owner" NOLOGIN;[^]*REASSIGN OWNED BY "orders_\w+_a" TO "orders_\w+_owner";/,
    ],
    [
      "a login role owns objects",
      {},
      ({ roles }) =>
        `SET ROLE ${roles[0]}; CREATE TEMP TABLE x (); RESET ROLE; CREATE SCHEMA mine AUTHORIZATION ${roles[0]}`,
      "ownership-flips",
      /REASSIGN OWNED BY "orders_\w+_a" TO "orders_\w+_owner";/,
    ],
    [
      "a login role does not act as the owner",
      {},
      ({ roles }) => `ALTER ROLE ${roles[1]} RESET role`,
      "ownership-flips",
      /ALTER ROLE "orders_\w+_b" SET role TO 'orders_\w+_owner';/,
    ],
    [
      "a role is no member of the owner role",
      {},
      ({ roles, owner }) => `REVOKE ${owner} FROM ${roles[1]}`,
      "ownership-flips",
      /GRANT "orders_\w+_owner" TO "orders_\w+_b";/,
    ],
    [
      "memberships differ",
      {},
      ({ roles }) => `GRANT pg_monitor TO ${roles[0]}; GRANT pg_read_all_data TO ${roles[1]}`,
      "roles-differ",
      /GRANT "pg_monitor" TO "orders_\w+_b"[^;]*;\nREVOKE "pg_read_all_data" FROM "orders_\w+_b";/,
    ],
    [
      "settings differ",
      {},
      ({ roles, database }) =>
        `ALTER ROLE ${roles[0]} SET search_path TO "$user", orders, public; ALTER ROLE ${roles[0]} SET statement_timeout = '5s';
         ALTER ROLE ${roles[1]} SET statement_timeout = '9s'; ALTER ROLE ${roles[1]} IN DATABASE ${database} SET work_mem = '1MB'`,
      "roles-differ",
      /SET "search_path" TO "\$user", orders, public;[^]*SET "statement_timeout" TO '5s';[^]*RESET "work_mem";/,
    ],
    [
      "limits and attributes differ",
      {},
      ({ roles }) => `ALTER ROLE ${roles[0]} CONNECTION LIMIT 9 NOINHERIT; ALTER ROLE ${roles[1]} CREATEDB`,
      "roles-differ",
      /NOINHERIT;[^]*CONNECTION LIMIT 9;[^]*NOCREATEDB;/,
    ],
    [
      "direct grants differ",
      {},
      ({ roles }) =>
        `CREATE TABLE public."Order lines" (id int, "unit price" int); CREATE SEQUENCE public.s; CREATE FUNCTION public.f(int, text) RETURNS int LANGUAGE sql AS 'SELECT 1';
         GRANT SELECT, INSERT ON public."Order lines" TO ${roles[0]} WITH GRANT OPTION; GRANT UPDATE ("unit price") ON public."Order lines" TO ${roles[0]};
         GRANT USAGE ON SEQUENCE public.s TO ${roles[0]}; GRANT EXECUTE ON FUNCTION public.f(int, text) TO ${roles[0]}; GRANT CREATE ON SCHEMA public TO ${roles[1]}`,
      "roles-differ",
      /GRANT UPDATE \("unit price"\) ON TABLE public."Order lines" TO/,
    ],
    [
      "default privileges differ",
      {},
      ({ roles, owner }) =>
        `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} IN SCHEMA public GRANT SELECT ON TABLES TO ${roles[0]};
         ALTER DEFAULT PRIVILEGES FOR ROLE ${roles[0]} GRANT USAGE ON SEQUENCES TO ${owner}`,
      "roles-differ",
      /ALTER DEFAULT PRIVILEGES FOR ROLE "orders_\w+_owner" IN SCHEMA "public" GRANT SELECT ON TABLES TO "orders_\w+_b";/,
    ],
    [
      "the admin lacks CREATEROLE",
      { admin: "createrole" },
      ({ admin }) => `ALTER ROLE ${admin} NOCREATEROLE`,
      "right-missing",
      /ALTER ROLE "orders_\w+_rotator" CREATEROLE;/,
    ],
  ];

  test.each(gaps)(
    "%s: refused, and its own SQL closes the gap at once",
    async (_, options, damage, code, sql) => {
      const orders = await createOrders(server, options);
      await orders.rotator.preflight(soon());
      await server.admin(damage(orders), orders.database);
      const refused = await refusal(orders);
      expect(refused.code).toBe(code);
      expect(statementsOf(refused)).toMatch(sql);
      await server.admin(statementsOf(refused), orders.database);
      await orders.rotator.preflight(soon());
    },
  );

  test("objects of a login role need an owner role, which the refusal names and the document must declare", async () => {
    const orders = await createOrders(server, { ownerRole: false });
    const [a = ""] = orders.roles;
    await orders.rotator.preflight(soon());
    const table = `CREATE TABLE public.mine (id int); ALTER TABLE public.mine OWNER TO ${a}`;
    await server.admin(table, orders.database);
    const refused = await refusal(orders);
    expect(refused).toMatchObject({ code: "ownership-flips" });
    expect(refused.evidence).toContain(`${a} itself owns 1 object in ${orders.database} (table public.mine)`);
    expect(refused.evidence).toContain(`ownerRole: ${orders.owner}`);
    await server.admin(statementsOf(refused), orders.database);
    await orders.rotator.preflight(soon());
  });

  test("an admin that may not silence the server is warned, with the statement that lets it, and not refused", async () => {
    const orders = await createOrders(server, { admin: "createrole" });
    await orders.rotator.preflight(soon());
    expect(orders.warnings).toHaveLength(1);
    const [warning = ""] = orders.warnings;
    expect(warning).toMatch(
      /^orders-db: at 127\.0\.0\.1:\d+ orders_\w+_rotator may not keep its statements out of/,
    );
    await server.admin(
      /GRANT SET ON PARAMETER log_\w+, .* TO "orders_\w+_rotator";/.exec(warning)?.[0] ?? "no statement",
    );
    await orders.rotator.preflight(soon());
    expect(orders.warnings).toHaveLength(1);

    const superuser = await createOrders(server);
    await superuser.rotator.preflight(soon());
    expect(superuser.warnings).toEqual([]);
  });

  test("PostgreSQL 16 and later: the admin needs ADMIN OPTION on each role", async ({ skip }) => {
    const [found] = await server.admin("SHOW server_version_num");
    if (Number(found?.["server_version_num"]) < 160_000) skip("CREATEROLE is enough");
    const orders = await createOrders(server, { admin: "createrole" });
    await server.admin(`REVOKE ${orders.roles[1]} FROM ${orders.admin}`);
    const refused = await refusal(orders);
    expect(refused.code).toBe("right-missing");
    await server.admin(statementsOf(refused), orders.database);
    await orders.rotator.preflight(soon());
  });

  test.each(["SUPERUSER", "REPLICATION", "BYPASSRLS"])("a target with %s is refused", async (attribute) => {
    const orders = await createOrders(server);
    await server.admin(`ALTER ROLE ${orders.roles[1]} ${attribute}`);
    expect((await refusal(orders)).code).toBe("role-forbidden");
  });

  test("the admin itself is never rotated", async () => {
    const orders = await createOrders(server, { roles: 1 });
    const [role = ""] = orders.roles;
    await server.admin(`ALTER ROLE ${role} CREATEROLE`);
    const self = await orders.bind({ admin: { user: role, password: { env: "X" } } });
    await server.admin(`ALTER ROLE ${role} PASSWORD '${server.password}'`);
    await expect(self.preflight(soon())).rejects.toMatchObject({ code: "role-forbidden" });
  });

  test("a preflight writes nothing", async () => {
    const orders = await createOrders(server, { admin: "createrole" });
    const snapshot = async (): Promise<unknown> => [
      await server.admin("SELECT xmin, * FROM pg_authid ORDER BY oid"),
      await server.admin("SELECT xmin, * FROM pg_shdescription ORDER BY objoid"),
      await server.admin("SELECT xmin, * FROM pg_auth_members ORDER BY roleid, member"),
    ];
    const before = await snapshot();
    await orders.rotator.preflight(soon());
    expect(await snapshot()).toEqual(before);
  });
});
