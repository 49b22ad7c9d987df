import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sighting } from "../../../core/ports/discovery.ts";
import { adminOf, startPostgres, type TestPostgres } from "../../../testing/services/postgresql.ts";
import { startSeveredProxy } from "../../../testing/services/severed-proxy.ts";
import {
  connectionText,
  credentialText,
  type DiscoveryWorld,
  discoveryPorts,
  exampleText,
  LOOKED_AT,
  lookAt,
  problemsOf,
} from "../../../testing/suites/discovery-bench.ts";
import { type DiscoveryBench, describeDiscoverySource } from "../../../testing/suites/discovery-suite.ts";
import { createPostgresqlSource } from "./source.ts";

const ATTEMPT = "0199f0f0-0000-7000-8000-00000000a77e";
const PASSWORD = "canary-password-1";

const REGISTRY = [
  ["orders-db", "orders_a, orders_b"],
  ["gone-db", "gone"],
]
  .map(([name = "", roles = ""]) =>
    credentialText(
      name,
      "database-password",
      `  provider: { postgresql: { connection: db, database: postgres, roles: [${roles}] } }`,
    ),
  )
  .join("");

async function seed(postgres: TestPostgres): Promise<void> {
  await postgres.admin(`
    CREATE ROLE orders_a LOGIN PASSWORD '${PASSWORD}' VALID UNTIL '2027-03-01T00:00:00Z';
    COMMENT ON ROLE orders_a IS 'orders of the shop [cre:r-1:${ATTEMPT}:3]';
    CREATE ROLE orders_b NOLOGIN;
    CREATE ROLE report LOGIN PASSWORD '${PASSWORD}';
    CREATE ROLE "Über-mig ""x""" LOGIN PASSWORD '${PASSWORD}' CREATEROLE;
    CREATE ROLE peer_only LOGIN;
    CREATE ROLE readers;
    SET password_encryption = 'md5';
    CREATE ROLE legacy LOGIN PASSWORD '${PASSWORD}';
    RESET password_encryption`);
}

function world({ host, port, password }: TestPostgres, user = "postgres"): DiscoveryWorld {
  const admin = `{ user: ${user}, password: { env: PG } }`;
  return {
    policies: connectionText(
      "db",
      `postgresql: { host: ${host}, port: ${port}, tls: { mode: disable }, admin: ${admin} }, allow: { objects: ["*"] }`,
    ),
    registry: REGISTRY,
    secrets: { PG: user === "postgres" ? password : PASSWORD },
  };
}

async function open(given: DiscoveryWorld, page = 3) {
  const [part] = await createPostgresqlSource(page).open({ connection: "db" }, discoveryPorts(given).ports);
  if (part === undefined) throw new Error("no part");
  return part;
}

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
  await seed(postgres);
});
afterAll(async () => postgres?.stop());

async function openBench(): Promise<DiscoveryBench> {
  const proxy = startSeveredProxy();
  const given = world({ ...postgres, port: await proxy.lead("admin", postgres.port) });
  const rows = await postgres.admin(
    "SELECT rolpassword AS verifier FROM pg_authid WHERE rolpassword IS NOT NULL",
  );
  const verifiers = rows.map(({ verifier }) => String(verifier));
  return {
    open: async () => open(given),
    handles: [
      "legacy",
      `orders_a@${ATTEMPT.slice(-12)}`,
      "orders_b",
      "postgres",
      "report",
      'Über-mig "x"',
    ].toSorted(),
    sighted: ["identity of orders-db"],
    covered: ["identity of gone-db", "identity of orders-db"],
    secrets: [PASSWORD, postgres.password, ...verifiers, ...verifiers.map((text) => text.slice(0, 40))],
    steps: 3,
    state: async () =>
      postgres.admin("SELECT rolname, rolpassword, rolvaliduntil, rolcanlogin FROM pg_authid ORDER BY 1"),
    breakDown: async () => {
      proxy.arm();
      await lookAt(await open(given));
      // Behind it are the third answer and the farewell.
      proxy.arm({ request: proxy.exchanges().length - 2, when: "before" });
      return /did not answer a question/;
    },
    mend: async () => proxy.arm(),
    close: async () => proxy.close(),
  };
}

describeDiscoverySource("postgresql", openBench);

describe("roles of a server", () => {
  beforeAll(async () => {
    const sql = exampleText("examples/discovery/postgresql.sql").replaceAll(":'password'", `'${PASSWORD}'`);
    await postgres.admin(sql);
  });

  const seen = async (user?: string) => {
    const looked = await lookAt(await open(world(postgres, user), 500));
    return { ...looked, role: new Map(looked.sightings.map((one) => [one.detail["role"], one])) };
  };

  test("are shown with the kind of their password, their end, their rights and whose they are", async () => {
    const { role } = await seen();
    expect(role.get("legacy")).toMatchObject({ live: true, detail: { password: "md5" } });
    expect(role.get("legacy")?.concerns.join()).toContain("MD5");
    expect(role.get("orders_a")).toMatchObject({
      kind: "postgresql-login",
      place: `127.0.0.1:${postgres.port}/orders_a`,
      identity: "identity of orders-db",
      live: true,
      expiresAt: "2027-03-01T00:00:00Z",
      detail: { password: "scram", comment: "orders of the shop", mark: `r-1:${ATTEMPT}:3:issued` },
      ownerHints: [{ source: "comment", text: "orders of the shop" }],
      concerns: [],
    });
    expect(role.get("orders_b")).toMatchObject({ live: false, detail: { password: "none", login: "no" } });
    expect(role.get('Über-mig "x"')?.detail["creates roles"]).toBe("yes");
    expect(role.get("postgres")).toMatchObject({ lastUsedAt: LOOKED_AT, detail: { superuser: "yes" } });
    expect(role.get("report")?.lastUsedAt).toBeUndefined();
    expect([...role.keys()]).not.toContain("peer_only");
  });

  test("look the same to the login of the example, which can read no verifier", async () => {
    const asSuperuser = await seen();
    const asReader = await seen("cre_discovery");
    const plain = (sighting: Sighting) => Object.assign({}, sighting, { lastUsedAt: undefined });
    expect(asReader.sightings.map(plain)).toEqual(asSuperuser.sightings.map(plain));
    expect(asReader.end).toEqual(asSuperuser.end);
    const client = { host: postgres.host, port: postgres.port, user: "cre_discovery", password: PASSWORD };
    const read = adminOf({ ...client, database: "postgres" });
    await expect(read("SELECT rolpassword FROM pg_authid")).rejects.toThrow("permission denied");
    await expect(read("CREATE TABLE public.t (a int)")).rejects.toThrow(/permission denied|read-only/);
  });

  test("of a login that sees no kinds are all shown that may log in, and that is said", async () => {
    await postgres.admin("REVOKE SELECT ON cre.password_kinds FROM cre_discovery");
    const looked = await seen("cre_discovery");
    expect(looked.end.complete).toBe(true);
    expect(problemsOf(looked)).toContain("examples/discovery/postgresql.sql");
    expect(looked.role.get("peer_only")).toMatchObject({ live: true, detail: { password: "not seen" } });
    expect(looked.role.get("legacy")?.concerns).toEqual([]);
  });
});
