import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import type { Status } from "../../core/state/status.ts";
import type { TestPostgres } from "../services/postgresql.ts";
import { type Consumer, startConsumer } from "./consumer.ts";

/** What is rotated, and how its consumer gets it. */
export type Slots = "two roles" | "one role" | "two roles through an env file";

/** What the runner's own login may do at the server. */
export type Rights = "superuser" | "CREATEROLE, sees sessions" | "CREATEROLE, sees no sessions";

/** The ways on which the runner meets the world: its admin login, the consumers' path, the webhook. */
export type Way = "admin" | "path" | "webhook";

/** One credential of an estate. */
export interface TenantPlan {
  readonly name: string;
  /** Default: `NAME-api`. */
  readonly service?: string;
  readonly postgres: TestPostgres;
  readonly slots: Slots;
  /** Default: superuser. */
  readonly rights?: Rights;
  /** Milliseconds between two logins of the consumer; default 250. */
  readonly sampleEvery?: number;
  /** Leads a way over another port of this machine; with it the documents also name a `verifyAt` path. */
  readonly route?: (way: Way, port: number) => Promise<number>;
}

/** One credential on a real PostgreSQL with its consumer, and a stranger beside it. */
export interface Tenant extends AnyTenant {
  readonly plan: TenantPlan;
  readonly consumer: Consumer;
  readonly database: string;
  readonly roles: readonly string[];
  readonly stranger: string;
  /** Public facts of the stranger, to see that nothing foreign was touched. */
  strangerFacts(): Promise<unknown>;
}

/** What every kind of credential in an estate has. */
export interface AnyTenant {
  readonly plan: { readonly name: string };
  readonly consumer: Pick<Consumer, "stop" | "tally"> & {
    /** Resolves when no sign-in of before is under way. */
    atRest?(): Promise<void>;
  };
  /** What is on record on the state branch. */
  status(): Status | undefined;
}

/** A tenant as its estate sees it. */
export interface Settled<T extends AnyTenant = Tenant> {
  readonly tenant: T;
  /** YAML documents of the platform, and of the team. */
  readonly platform: string;
  readonly registry: string;
  readonly secrets: Readonly<Record<string, string>>;
  /** Where its env file lies, if it has one. */
  readonly folder: string | undefined;
  /** Programs that the runner may run for it. */
  readonly commands?: Readonly<Record<string, readonly string[]>>;
  /** Patterns of endpoints that the runner may scan for it. */
  readonly scan?: readonly string[];
}

export interface Surroundings {
  readonly root: string;
  /** The database of each server, made for the first credential there. */
  readonly databases: Map<TestPostgres, string>;
  readonly clock: () => number;
  readonly readStatus: (service: string, name: string) => Status | undefined;
}

const HOOK_KEY = "a-key-for-the-conformance-suite";

/** Creates roles and database, starts the consumer, and writes the documents. The caller stops the consumer. */
export async function settleTenant(plan: TenantPlan, around: Surroundings): Promise<Settled> {
  const { name, postgres, slots, route = async (_way, port) => port } = plan;
  const id = randomBytes(4).toString("hex");
  const roles = slots === "one role" ? [`orders_${id}_a`] : [`orders_${id}_a`, `orders_${id}_b`];
  const envFile = slots === "two roles through an env file" ? join(around.root, `${name}.env`) : undefined;
  const names = { owner: `orders_${id}_owner`, roles, stranger: `stranger_${id}` };
  const first = randomBytes(12).toString("hex");
  await createRoles(postgres, names, first);
  const database = around.databases.get(postgres) ?? `orders_${id}`;
  if (!around.databases.has(postgres)) {
    await postgres.admin(`CREATE DATABASE ${database} OWNER ${names.owner}`);
    around.databases.set(postgres, database);
  }
  const admin = await createAdmin(postgres, id, roles, plan.rights ?? "superuser");
  const consumer = await startConsumer({
    clock: around.clock,
    credential: name,
    key: { id: "k1", secret: HOOK_KEY },
    login: { host: postgres.host, port: postgres.port, database, user: roles[0] ?? "", password: first },
    every: plan.sampleEvery ?? 250,
    ...(envFile === undefined ? {} : { envFile }),
  });
  const service = plan.service ?? `${name}-api`;
  const hook = new URL(consumer.url);
  hook.port = String(await route("webhook", Number(hook.port)));
  const facts: DocumentFacts = {
    ...names,
    database,
    id,
    name,
    service,
    host: postgres.host,
    port: await route("admin", postgres.port),
    path: plan.route === undefined ? undefined : await route("path", postgres.port),
    admin: admin.user,
    adminSecret: `PG_ADMIN_${id}`,
    owner: slots === "one role" ? undefined : names.owner,
    envFile,
    hook: hook.href,
  };
  const tenant: Tenant = {
    plan,
    consumer,
    database,
    roles,
    stranger: names.stranger,
    status: () => around.readStatus(service, name),
    strangerFacts: async () =>
      postgres.admin(
        `SELECT a.rolname, a.rolpassword, a.rolcanlogin, shobj_description(a.oid, 'pg_authid') AS comment FROM pg_authid a WHERE a.rolname = '${names.stranger}'`,
      ),
  };
  return {
    tenant,
    platform: platformOf(facts),
    registry: registryOf(facts),
    secrets: { [facts.adminSecret]: admin.password, HOOK_KEY },
    folder: envFile === undefined ? undefined : dirname(envFile),
  };
}

async function createRoles(
  postgres: TestPostgres,
  { owner, roles, stranger }: { owner: string; roles: readonly string[]; stranger: string },
  first: string,
): Promise<void> {
  const statements = roles.flatMap((role, index) => [
    index === 0 ? `CREATE ROLE ${role} LOGIN PASSWORD '${first}'` : `CREATE ROLE ${role} NOLOGIN`,
    `GRANT ${owner} TO ${role}`,
    ...(roles.length === 2 ? [`ALTER ROLE ${role} SET role = '${owner}'`] : []),
    `COMMENT ON ROLE ${role} IS 'belongs to the orders team'`,
  ]);
  statements.unshift(`CREATE ROLE ${owner} NOLOGIN`);
  statements.push(
    `CREATE ROLE ${stranger} LOGIN PASSWORD 'nobody-may-touch-this'`,
    `COMMENT ON ROLE ${stranger} IS 'not ours'`,
  );
  await postgres.admin(statements.join("; "));
}

/** The runner's login, prepared as the page on PostgreSQL says, without any right that the plan leaves out. */
async function createAdmin(
  postgres: TestPostgres,
  id: string,
  roles: readonly string[],
  rights: Rights,
): Promise<{ user: string; password: string }> {
  if (rights === "superuser") return { user: postgres.superuser, password: postgres.password };
  const [user, password] = [`rotator_${id}`, randomBytes(12).toString("hex")];
  await postgres.admin(`CREATE ROLE ${user} LOGIN CREATEROLE PASSWORD '${password}'`);
  if (rights === "CREATEROLE, sees sessions") {
    await postgres.admin(`GRANT pg_read_all_stats, pg_signal_backend TO ${user}`);
  }
  const [version] = await postgres.admin("SHOW server_version_num");
  // Before version 16 CREATEROLE alone is enough; as a member that inherits, the login would see the roles' sessions.
  if (Number(version?.["server_version_num"]) >= 160_000) {
    await postgres.admin(`GRANT ${roles.join(", ")} TO ${user} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
  }
  return { user, password };
}

interface DocumentFacts {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly host: string;
  readonly port: number;
  readonly path: number | undefined;
  readonly admin: string;
  readonly adminSecret: string;
  readonly database: string;
  readonly roles: readonly string[];
  readonly owner: string | undefined;
  readonly envFile: string | undefined;
  readonly hook: string;
}

function registryOf(facts: DocumentFacts): string {
  const { name, service, database, roles, owner, path, envFile } = facts;
  const delivery =
    envFile === undefined
      ? `webhook: { connection: ${name}-hook, triesPending: true }`
      : `env-file: { path: ${envFile}, values: { PGUSER: "{username}", PGPASSWORD: "{password}" } }`;
  return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${name} }
spec:
  type: database-password
  service: ${service}
  owner: { team: payments, contact: payments@example.com }
  createdAt: 2026-01-15
  method: automated
  provider:
    postgresql:
      connection: ${name}-cluster
      database: ${database}
      roles: [${roles.join(", ")}]
${owner === undefined ? "" : `      ownerRole: ${owner}\n`}${path === undefined ? "" : `      verifyAt: [${name}-path]\n`}  deliver:
    - ${delivery}
      consumer: ${service}
  access:
    - { principal: ${service}, kind: service, purpose: reads and writes orders }
`;
}

function platformOf({ id, name, host, port, path, admin, adminSecret, hook }: DocumentFacts): string {
  const way = (label: string, spec: string, objects = ""): string => `apiVersion: cre/v1
kind: Connection
metadata: { name: ${name}-${label} }
spec:
  ${spec}
  allow: { names: [${name}]${objects} }
`;
  const login = `admin: { user: ${admin}, password: { env: ${adminSecret} } }`;
  const server = (at: number, more: string): string =>
    `postgresql: { host: ${host}, port: ${at}, tls: { mode: disable }${more} }`;
  return [
    way("cluster", server(port, `, ${login}`), `, objects: ["orders_${id}_*"]`),
    way("hook", `webhook: { url: "${hook}", key: { id: k1, secret: { env: HOOK_KEY } } }`),
    ...(path === undefined ? [] : [way("path", server(path, ""))]),
  ].join("---\n");
}
