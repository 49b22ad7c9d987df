import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openPorts } from "../../app/acting/open-ports.ts";
import { epochSeconds, type Instant } from "../../core/model/instant.ts";
import type { Status } from "../../core/state/status.ts";
import { run } from "../../runner/run.ts";
import type { RunReport } from "../../runner/run-report.ts";
import type { TestPostgres } from "../services/postgresql.ts";
import { type Consumer, startConsumer } from "./consumer.ts";
import { type OnPoint, withFailpoints } from "./failpoints.ts";
import { clockFrom } from "./virtual-clock.ts";

/** What is rotated, and how its consumer gets it. */
export type Slots = "two roles" | "one role" | "two roles through an env file";

/** One credential on a real PostgreSQL, with its consumer, its documents in a real remote, and a stranger beside it. */
export interface Estate {
  readonly root: string;
  readonly remote: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly consumer: Consumer;
  readonly database: string;
  readonly roles: readonly string[];
  readonly stranger: string;
  /** A fresh clone of the remote: what a runner on another machine starts from. */
  clone(): string;
  /** Sets the consumer's clock, which a signed request must agree with. */
  setClock(at: Instant): void;
  /** One scheduled run in this process, from a fresh clone, on a clock that starts at `at`. */
  runAt(at: Instant, onPoint?: OnPoint): Promise<RunReport>;
  status(): Status | undefined;
  /** Public facts of all roles, to see that nothing foreign was touched. */
  strangerFacts(): Promise<unknown>;
  dispose(): Promise<void>;
}

const CREDENTIAL = "orders-db";
const SAMPLE_EVERY_MS = 20;
const HOOK_KEY = "a-key-for-the-conformance-suite";

export async function createEstate(postgres: TestPostgres, slots: Slots): Promise<Estate> {
  const root = mkdtempSync(join(tmpdir(), "cre-conformance-"));
  const id = randomBytes(4).toString("hex");
  const database = `orders_${id}`;
  const owner = `orders_${id}_owner`;
  const roles = slots === "one role" ? [`orders_${id}_a`] : [`orders_${id}_a`, `orders_${id}_b`];
  const envFile = slots === "two roles through an env file" ? join(root, "orders.env") : undefined;
  const stranger = `stranger_${id}`;
  const first = randomBytes(12).toString("hex");
  await createRoles(postgres, { database, owner, roles, stranger, first });
  let offset = 0;
  const consumer = await startConsumer({
    clock: () => Date.now() + offset,
    credential: CREDENTIAL,
    key: { id: "k1", secret: HOOK_KEY },
    login: { host: postgres.host, port: postgres.port, database, user: roles[0] ?? "", password: first },
    every: SAMPLE_EVERY_MS,
    ...(envFile === undefined ? {} : { envFile }),
  });
  const remote = join(root, "remote.git");
  createRemote(
    root,
    remote,
    documents({
      postgres,
      database,
      roles,
      owner: slots === "one role" ? undefined : owner,
      envFile,
      hook: consumer.url,
      id,
    }),
  );
  const env = {
    PATH: process.env["PATH"],
    HOME: root,
    PG_ADMIN: postgres.password,
    HOOK_KEY,
    GIT_CONFIG_GLOBAL: "/dev/null",
  };
  const setClock = (at: Instant): void => {
    offset = epochSeconds(at) * 1000 - Date.now();
  };
  let clones = 0;
  const clone = (): string => {
    clones += 1;
    const target = join(root, `clone-${clones}`);
    git(root, "clone", "--quiet", remote, target);
    return target;
  };
  return {
    root,
    remote,
    env,
    consumer,
    database,
    roles,
    stranger,
    clone,
    setClock,
    runAt: async (at, onPoint) => {
      setClock(at);
      const { signal } = new AbortController();
      const progress = { step: () => undefined, warn: () => undefined };
      const ports = await openPorts(
        { repo: clone(), progress, signal, env, actor: "conformance" },
        { clock: clockFrom(at) },
      );
      return run(onPoint === undefined ? ports : withFailpoints(ports, onPoint), {}, signal);
    },
    status: () => {
      const path = `refs/heads/cre/state:registry/status/orders-api/${CREDENTIAL}.json`;
      try {
        // `as`: written by the product, whose own reader checks it.
        return JSON.parse(git(remote, "show", path)) as Status;
      } catch {
        return undefined;
      }
    },
    strangerFacts: async () =>
      postgres.admin(
        `SELECT a.rolname, a.rolpassword, a.rolcanlogin, shobj_description(a.oid, 'pg_authid') AS comment FROM pg_authid a WHERE a.rolname = '${stranger}'`,
      ),
    dispose: async () => {
      await consumer.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function createRoles(
  postgres: TestPostgres,
  {
    database,
    owner,
    roles,
    stranger,
    first,
  }: { database: string; owner: string; roles: readonly string[]; stranger: string; first: string },
): Promise<void> {
  await postgres.admin(`CREATE ROLE ${owner} NOLOGIN`);
  await postgres.admin(`CREATE DATABASE ${database} OWNER ${owner}`);
  for (const [index, role] of roles.entries()) {
    await postgres.admin(
      index === 0 ? `CREATE ROLE ${role} LOGIN PASSWORD '${first}'` : `CREATE ROLE ${role} NOLOGIN`,
    );
    await postgres.admin(`GRANT ${owner} TO ${role}`);
    if (roles.length === 2) await postgres.admin(`ALTER ROLE ${role} SET role = '${owner}'`);
    await postgres.admin(`COMMENT ON ROLE ${role} IS 'belongs to the orders team'`);
  }
  await postgres.admin(`CREATE ROLE ${stranger} LOGIN PASSWORD 'nobody-may-touch-this'`);
  await postgres.admin(`COMMENT ON ROLE ${stranger} IS 'not ours'`);
}

/** A bare remote with one commit of a person on its default branch. */
export function createRemote(root: string, remote: string, files: Readonly<Record<string, string>>): void {
  const seed = join(root, "seed");
  git(root, "init", "--quiet", "--bare", "--initial-branch=main", remote);
  git(root, "init", "--quiet", "--initial-branch=main", seed);
  for (const [path, text] of Object.entries(files)) writeInto(seed, path, text);
  git(seed, "add", ".");
  git(
    seed,
    "-c",
    "user.name=Alice",
    "-c",
    "user.email=alice@example.com",
    "commit",
    "--quiet",
    "-m",
    "Register orders-db",
  );
  git(seed, "push", "--quiet", remote, "main");
}

/** A file with its folders. */
export function writeInto(root: string, path: string, text: string): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
}

interface DocumentFacts {
  readonly postgres: TestPostgres;
  readonly database: string;
  readonly roles: readonly string[];
  readonly owner: string | undefined;
  readonly envFile: string | undefined;
  readonly hook: string;
  readonly id: string;
}

function documents({
  postgres,
  database,
  roles,
  owner,
  envFile,
  hook,
  id,
}: DocumentFacts): Readonly<Record<string, string>> {
  const credential = `apiVersion: cre/v1
kind: Credential
metadata: { name: ${CREDENTIAL} }
spec:
  type: database-password
  service: orders-api
  owner: { team: payments, contact: payments@example.com }
  createdAt: 2026-01-15
  method: automated
  provider:
    postgresql:
      connection: orders-cluster
      database: ${database}
      roles: [${roles.join(", ")}]
${owner === undefined ? "" : `      ownerRole: ${owner}\n`}  deliver:
    - ${envFile === undefined ? "webhook: { connection: orders-hook, triesPending: true }" : `env-file: { path: ${envFile}, values: { PGUSER: "{username}", PGPASSWORD: "{password}" } }`}
      consumer: orders-api
  access:
    - { principal: orders-api, kind: service, purpose: reads and writes orders }
`;
  const settings = `apiVersion: cre/v1
kind: Settings
metadata: { name: settings }
spec:
  paths: [${dirname(envFile ?? "/")}]
---
`;
  const platform = `${envFile === undefined ? "" : settings}apiVersion: cre/v1
kind: Connection
metadata: { name: orders-cluster }
spec:
  postgresql: { host: ${postgres.host}, port: ${postgres.port}, tls: { mode: disable }, admin: { user: ${postgres.superuser}, password: { env: PG_ADMIN } } }
  allow: { names: [${CREDENTIAL}], objects: ["orders_${id}_*"] }
---
apiVersion: cre/v1
kind: Connection
metadata: { name: orders-hook }
spec:
  webhook: { url: "${hook}", key: { id: k1, secret: { env: HOOK_KEY } } }
  allow: { names: [${CREDENTIAL}] }
---
apiVersion: cre/v1
kind: Policy
metadata: { name: database-passwords }
spec:
  match: { types: [database-password] }
  rotateWithin: 60d
  enforcement: rotate
  gracePeriod: 24h
  quietPeriod: 2d
  soakPeriod: 2d
`;
  return { "registry/orders.yaml": credential, "policies/platform.yaml": platform };
}

export function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync("git", args, {
    cwd,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { PATH: process.env["PATH"], HOME: cwd, GIT_CONFIG_GLOBAL: "/dev/null" },
    stdio: ["ignore", "pipe", "pipe"],
  });
}
