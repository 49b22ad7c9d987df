import { randomBytes, randomUUID } from "node:crypto";
import { Client } from "pg";
import { postgresqlRotator } from "../../adapters/rotators/postgresql/rotator.ts";
import type { ConnectionSpec, PostgresqlConnection } from "../../core/documents/connection.ts";
import type { CredentialSpec } from "../../core/documents/credential.ts";
import { instantOf } from "../../core/model/instant.ts";
import { Secret, type SecretParts } from "../../core/model/secret.ts";
import type { BoundRotator, Fence, Issued, Mark, ObservedVersion } from "../../core/ports/rotator.ts";
import type { Clock } from "../../core/ports/runtime.ts";
import type { TestPostgres } from "./postgresql.ts";

export interface OrdersOptions {
  /** Of the names; default one of its own. */
  readonly stem?: string;
  /** Two login roles alternate, one is changed in place. */
  readonly roles?: 1 | 2;
  /** Who acts: the superuser (default), or a role that may only make and change roles. */
  readonly admin?: "superuser" | "createrole";
  /** Rights of the `createrole` admin to see and end the sessions of others; default yes. */
  readonly sighted?: boolean;
  readonly ownerRole?: boolean;
  readonly clock?: Clock;
  /** Added to, or put in the place of, what the main Connection says. */
  readonly connection?: Partial<PostgresqlConnection>;
  /** Further connections by name. */
  readonly connections?: Readonly<Record<string, ConnectionSpec>>;
  readonly verifyAt?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
}

/** A database `orders` with its roles on a test server, and the rotator bound to it. */
export interface Orders {
  readonly database: string;
  readonly roles: readonly string[];
  readonly owner: string;
  readonly admin: string;
  /** The password that the first role had at the beginning. */
  readonly firstPassword: string;
  readonly rotator: BoundRotator;
  /** What people were warned of. */
  readonly warnings: readonly string[];
  /** The same credential in another process, so to speak: nothing in memory. */
  bind(change?: Partial<PostgresqlConnection>): Promise<BoundRotator>;
  observe(): Promise<readonly ObservedVersion[]>;
  /** What is in the slot of a role now; fails if nothing is. */
  versionOf(role: string): Promise<ObservedVersion>;
  /** Adopts what is there, as a first run does. */
  adopt(): Promise<void>;
  issue(attempt: string, epoch?: number): Promise<Issued>;
  /** Signs in as a consumer; the caller ends it. */
  signIn(user: string, password: string, application?: string): Promise<Client>;
  /** Does this login work now? */
  works(user: string, password: string): Promise<boolean>;
  /** What only a superuser may see of a role. */
  stored(role: string): Promise<{ password: string | null; canLogin: boolean; comment: string | null }>;
}

export const ROTATION = "01936f00-0000-7000-8000-00000000aaaa";

export function markOf(attempt: string, epoch: number): Mark {
  return { rotation: ROTATION, attempt, epoch };
}

/** The fence of an effect on a version as it was just seen. */
export function fenceOn(version: ObservedVersion, epoch: number): Fence {
  const own = version.mark ?? markOf("none", epoch);
  return { expected: version.mark, next: { ...own, epoch } };
}

export function textOf(parts: SecretParts, name: string): string {
  return parts.get(name)?.reveal() ?? "";
}

/** A signal for calls that should be quick. */
export function soon(): AbortSignal {
  return AbortSignal.timeout(20_000);
}

/** Creates database and roles with names of their own, as the preflight wants them. */
export async function createOrders(server: TestPostgres, options: OrdersOptions = {}): Promise<Orders> {
  const stem = options.stem ?? `orders_${randomBytes(4).toString("hex")}`;
  const roles = options.roles === 1 ? [`${stem}_a`] : [`${stem}_a`, `${stem}_b`];
  const [first = ""] = roles;
  const [owner, database, firstPassword] = [`${stem}_owner`, stem, "first-password"];
  await server.admin(`CREATE ROLE ${owner} NOLOGIN`);
  await server.admin(`CREATE DATABASE ${database} OWNER ${owner}`);
  for (const role of roles) {
    await server.admin(
      `CREATE ROLE ${role} ${role === first ? `LOGIN PASSWORD '${firstPassword}'` : "NOLOGIN"};
       GRANT ${owner} TO ${role}; ALTER ROLE ${role} SET role = '${owner}'`,
    );
  }
  const admin = await createAdmin(server, stem, roles, options);
  const spec = specOf(database, roles, options.ownerRole === false ? undefined : owner, options.verifyAt);
  const warnings: string[] = [];
  const bind = async (change: Partial<PostgresqlConnection> = {}): Promise<BoundRotator> =>
    postgresqlRotator.bind(
      "orders-db",
      spec,
      {
        clock: options.clock ?? { now: () => instantOf(Date.now() / 1000) },
        random: { bytes: (length) => randomBytes(length), uuid: () => randomUUID() },
        commands: {},
        scanEndpoint: async () => [],
        progress: { warn: (message) => void warnings.push(message) },
        secrets: { read: async () => new Secret(admin.password), present: () => true },
        connection: (name) =>
          options.connections?.[name] ??
          connectionOf(server, admin.name, { ...options.connection, ...change }),
        readFile: (path) => options.files?.[path] ?? "",
        pause: async () => undefined,
      },
      soon(),
    );
  const rotator = await bind();
  const observe = async (): Promise<readonly ObservedVersion[]> => rotator.observe(soon());
  const signIn = async (user: string, password: string, application = "orders-api"): Promise<Client> => {
    const client = new Client({
      host: server.host,
      port: server.port,
      user,
      password,
      database,
      application_name: application,
      ssl: false,
    });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  };
  return {
    database,
    warnings,
    roles,
    owner,
    admin: admin.name,
    firstPassword,
    rotator,
    bind,
    observe,
    versionOf: async (role) => {
      const found = (await observe()).find(({ slot }) => slot === role);
      if (found === undefined) throw new Error(`${role} holds no version`);
      return found;
    },
    adopt: async () => {
      for (const version of await observe()) await rotator.adopt(version, markOf("adoption", 1), soon());
    },
    issue: async (attempt, epoch = 2) => {
      if (rotator.issue === undefined) throw new Error("in place");
      // What the record knows: versions that carry our mark.
      const occupied = (await observe()).filter(({ mark }) => mark !== undefined);
      return rotator.issue(markOf(attempt, epoch), occupied, soon());
    },
    signIn,
    works: async (user, password) => {
      const client = await signIn(user, password).catch(() => undefined);
      await client?.end();
      return client !== undefined;
    },
    stored: async (role) => {
      const [row] = await server.admin(
        `SELECT rolpassword AS password, rolcanlogin AS "canLogin", shobj_description(oid, 'pg_authid') AS comment
           FROM pg_authid WHERE rolname = '${role}'`,
      );
      // The columns are the ones selected just above.
      return row as unknown as Awaited<ReturnType<Orders["stored"]>>;
    },
  };
}

async function createAdmin(
  server: TestPostgres,
  stem: string,
  roles: readonly string[],
  { admin = "superuser", sighted = true }: OrdersOptions,
): Promise<{ name: string; password: string }> {
  if (admin === "superuser") return { name: server.superuser, password: server.password };
  const [name, password] = [`${stem}_rotator`, "password-of-the-rotator"];
  await server.admin(`CREATE ROLE ${name} LOGIN CREATEROLE PASSWORD '${password}'`);
  if (sighted) await server.admin(`GRANT pg_read_all_stats, pg_signal_backend TO ${name}`);
  const [version] = await server.admin("SHOW server_version_num");
  if (Number(version?.["server_version_num"]) >= 160_000) {
    const grantee = `${name} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`;
    for (const role of roles) await server.admin(`GRANT ${role} TO ${grantee}`);
  }
  return { name, password };
}

function specOf(
  database: string,
  roles: readonly string[],
  ownerRole: string | undefined,
  verifyAt: readonly string[] | undefined,
): CredentialSpec {
  return {
    type: "database-password",
    service: "orders-api",
    owner: { team: "payments", contact: "payments@example.com" },
    createdAt: "2026-01-15",
    method: "automated",
    provider: {
      postgresql: {
        connection: "orders-cluster",
        database,
        roles: [...roles],
        ...(ownerRole === undefined ? {} : { ownerRole }),
        ...(verifyAt === undefined ? {} : { verifyAt: [...verifyAt] }),
      },
    },
  };
}

function connectionOf(
  server: TestPostgres,
  user: string,
  change: Partial<PostgresqlConnection>,
): ConnectionSpec {
  return {
    postgresql: {
      host: server.host,
      port: server.port,
      tls: { mode: "disable" },
      admin: { user, password: { env: "PG_ADMIN" } },
      ...change,
    },
    allow: { objects: ["orders_*"] },
  };
}
