import { startPostgres } from "../services/postgresql.ts";
import { connectionText, credentialText } from "../suites/discovery-bench.ts";
import { inUse, named, type Planted } from "./planted.ts";

const REGISTERED = 150;
const STRAY = 40;
const GROUPS = 9;
const ABSENT = 8;
const DISABLED = 6;
const PASSWORD = "canary-password-of-a-role";

/** A PostgreSQL server with 200 roles, one of them its superuser. */
export async function plantPostgresql(): Promise<Planted> {
  const postgres = await startPostgres();
  const roles = named("role", REGISTERED);
  const stray = named("stray", STRAY);
  const absent = named("absent", ABSENT);
  const disabled = roles.slice(0, DISABLED);
  // One verifier for all: to make 190 of them takes seconds.
  await postgres.admin(`CREATE ROLE model LOGIN PASSWORD '${PASSWORD}'`);
  const [model] = await postgres.admin(
    "SELECT rolpassword AS verifier FROM pg_authid WHERE rolname = 'model'",
  );
  const verifier = String(model?.["verifier"]);
  await postgres.admin(
    [
      "DROP ROLE model",
      ...[...roles, ...stray].map((role) => `CREATE ROLE "${role}" LOGIN PASSWORD '${verifier}'`),
      ...named("group", GROUPS).map((role) => `CREATE ROLE "${role}"`),
      ...disabled.map((role) => `ALTER ROLE "${role}" NOLOGIN`),
    ].join("; "),
  );
  const admin = "{ user: postgres, password: { env: PG } }";
  const place = `${postgres.host}:${postgres.port}`;
  return {
    policies: connectionText(
      "server",
      `postgresql: { host: ${postgres.host}, port: ${postgres.port}, tls: { mode: disable }, admin: ${admin} }, allow: { objects: ["*"] }`,
    ),
    registry: [
      ...[...roles, ...absent].map((role) =>
        credentialText(
          name(role),
          "database-password",
          `  provider: { postgresql: { connection: server, database: postgres, roles: [${role}] } }`,
        ),
      ),
      // What documents may not rotate they can still know, by its place.
      credentialText("superuser", "database-password", `  handle: "${place}/postgres"`),
    ].join(""),
    source: "{ name: server, postgresql: { connection: server } }",
    recorded: new Map([...roles, ...absent].map((role) => [name(role), inUse(role)])),
    secrets: { PG: postgres.password },
    files: {},
    truth: {
      managed: [...roles.map(name), "superuser"],
      unmanaged: stray,
      ghosts: absent.map(name),
      drifted: disabled.map(name),
      shared: [],
      scanned: REGISTERED + STRAY + 1,
      sightings: REGISTERED + STRAY + 1,
    },
    canaries: [PASSWORD, postgres.password, verifier, verifier.slice(0, 40)],
    close: async () => postgres.stop(),
  };
}

function name(role: string): string {
  return `password-of-${role}`;
}
