import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReceiver, type Receiver } from "../../../examples/webhook-receiver/receiver.ts";
import { openPorts } from "../../app/acting/open-ports.ts";
import type { RunnerPorts } from "../../runner/ports.ts";
import { run } from "../../runner/run.ts";
import type { RunReport } from "../../runner/run-report.ts";
import type { TestPostgres } from "../services/postgresql.ts";
import { createRemote, git, pushAs, writeInto } from "./estate.ts";

/** What stands in the documents and at the provider for one credential of a fleet. */
export interface Ship {
  readonly name: string;
  /** Name of its Connection of kind postgresql. */
  readonly cluster: string;
  /** Name of its Connection of kind webhook. */
  readonly hook: string;
  readonly roles: readonly [string, string];
  /** Its roles exist at the provider. */
  readonly present: boolean;
}

export interface FleetOptions {
  readonly ships: readonly Ship[];
  /** More Connection documents, beside `cluster` and `hook`, which work. */
  readonly connections?: (hook: string) => string;
  readonly extraEnv?: Readonly<Record<string, string>>;
  readonly limits?: string;
}

/** Several credentials in one repository, with one consumer for all of them. */
export interface Fleet {
  readonly remote: string;
  readonly receiver: Receiver;
  readonly env: Readonly<Record<string, string | undefined>>;
  clone(): string;
  runOnce(wrap?: (ports: RunnerPorts) => RunnerPorts): Promise<RunReport>;
  /** Adds a commit of a person to the default branch. */
  commit(path: string, text: string): void;
  dispose(): Promise<void>;
}

const DATABASE = "fleet";
export const HOOK_KEY = "a-key-for-the-fleet";

export function ship(name: string, changes: Partial<Ship> = {}): Ship {
  const base = name.replaceAll("-", "_");
  return {
    name,
    cluster: "cluster",
    hook: "hook",
    roles: [`${base}_a`, `${base}_b`],
    present: true,
    ...changes,
  };
}

export function firstPassword(name: string): string {
  return `first-password-of-${name}`;
}

export async function launchFleet(postgres: TestPostgres, options: FleetOptions): Promise<Fleet> {
  const root = mkdtempSync(join(tmpdir(), "cre-fleet-"));
  await createFleetRoles(postgres, options.ships);
  const receiver = await createReceiver({
    keys: new Map([["k1", HOOK_KEY]]),
    initial: Object.fromEntries(
      options.ships.map(({ name, roles }) => [name, { username: roles[0], password: firstPassword(name) }]),
    ),
  });
  const server = createServer((request, response) => {
    receiver.handle(request, response);
  });
  const hook = `http://127.0.0.1:${await listening(server)}/credentials`;
  const remote = join(root, "remote.git");
  createRemote(root, remote, {
    "registry/fleet.yaml": options.ships.map(credential).join("---\n"),
    "policies/fleet.yaml": policies(postgres, hook, options),
  });
  const env = {
    PATH: process.env["PATH"],
    HOME: root,
    GIT_CONFIG_GLOBAL: "/dev/null",
    PG_ADMIN: postgres.password,
    HOOK_KEY,
    ...options.extraEnv,
  };
  let clones = 0;
  const clone = (): string => {
    clones += 1;
    const target = join(root, `clone-${clones}`);
    git(root, "clone", "--quiet", remote, target);
    return target;
  };
  return {
    remote,
    receiver,
    env,
    clone,
    runOnce: async (wrap = (ports) => ports) => {
      const { signal } = new AbortController();
      const progress = { step: () => undefined, warn: () => undefined };
      return run(wrap(await openPorts({ repo: clone(), progress, signal, env, actor: "fleet" })), {}, signal);
    },
    commit: (path, text) => addCommit(clone(), path, text),
    dispose: async () => {
      server.closeAllConnections();
      server.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function createFleetRoles(postgres: TestPostgres, ships: readonly Ship[]): Promise<void> {
  await postgres.admin("CREATE ROLE fleet_owner NOLOGIN");
  await postgres.admin(`CREATE DATABASE ${DATABASE} OWNER fleet_owner`);
  const sql = ships
    .filter(({ present }) => present)
    .flatMap(({ name, roles: [first, second] }) => [
      `CREATE ROLE ${first} LOGIN PASSWORD '${firstPassword(name)}'`,
      `CREATE ROLE ${second} NOLOGIN`,
      `GRANT fleet_owner TO ${first}, ${second}`,
      `ALTER ROLE ${first} SET role = 'fleet_owner'`,
      `ALTER ROLE ${second} SET role = 'fleet_owner'`,
    ]);
  await postgres.admin(sql.join("; "));
}

function credential({ name, cluster, hook, roles }: Ship): string {
  return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${name} }
spec:
  type: database-password
  service: ${name}
  owner: { team: fleet, contact: fleet@example.com }
  createdAt: 2026-01-15
  method: automated
  provider:
    postgresql: { connection: ${cluster}, database: ${DATABASE}, roles: [${roles.join(", ")}], ownerRole: fleet_owner }
  deliver:
    - webhook: { connection: ${hook}, triesPending: true }
      consumer: app
  access:
    - { principal: app, kind: service }
`;
}

/** One server and one receiver that every credential may use. */
export function openConnections({ host, port, superuser }: TestPostgres, hook: string): string {
  return `apiVersion: cre/v1
kind: Connection
metadata: { name: cluster }
spec:
  postgresql: { host: ${host}, port: ${port}, tls: { mode: disable }, admin: { user: ${superuser}, password: { env: PG_ADMIN } } }
  allow: { objects: ["*"] }
---
apiVersion: cre/v1
kind: Connection
metadata: { name: hook }
spec:
  webhook: { url: "${hook}", key: { id: k1, secret: { env: HOOK_KEY } } }
  allow: {}
`;
}

function policies(postgres: TestPostgres, hook: string, { connections, limits }: FleetOptions): string {
  return `apiVersion: cre/v1
kind: Settings
metadata: { name: settings }
spec:
  limits: { startsPerRun: 1000, openRotations: 1000${limits === undefined ? "" : `, ${limits}`} }
---
${openConnections(postgres, hook)}---
${connections === undefined ? "" : `${connections(hook)}---\n`}apiVersion: cre/v1
kind: Policy
metadata: { name: database-passwords }
spec:
  match: { types: [database-password] }
  rotateWithin: 60d
  enforcement: rotate
`;
}

function addCommit(clone: string, path: string, text: string): void {
  writeInto(clone, path, text);
  pushAs("Bob", clone, `Change ${path}`);
}

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // `as`: a server that listens on TCP has an AddressInfo.
  return (server.address() as AddressInfo).port;
}
