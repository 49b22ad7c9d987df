import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPorts } from "../../app/acting/open-ports.ts";
import { epochSeconds, type Instant } from "../../core/model/instant.ts";
import type { Status } from "../../core/state/status.ts";
import { run } from "../../runner/run.ts";
import type { RunReport } from "../../runner/run-report.ts";
import { createRemote, git, PASSWORD_POLICY } from "../conformance/estate.ts";
import { clockFrom, hoursAfter } from "../conformance/virtual-clock.ts";
import { writeProofTable } from "../proof/proof-table.ts";
import { findPgbouncer } from "../services/ladder.ts";
import { startPgbouncer } from "../services/pgbouncer.ts";
import { postgresVersions, startPostgres, type TestPostgres } from "../services/postgresql.ts";
import { type Application, startApplication } from "./application.ts";

const START: Instant = "2026-11-25T06:00:00Z" as Instant;
/** Adoption, start, after grace, after quiet, after the soak. */
const HOURS = [0, 1, 60, 120, 180];
const HOOK = { credential: "orders-db", keyId: "k1", key: "a-key-for-the-pooler" };
const FIRST = "the-first-password";

interface Case {
  readonly version: "embedded" | "system";
  readonly poolMode: "session" | "transaction";
  readonly slots: 1 | 2;
}
/** All on the package's server; on others the mode that people run most. */
const CASES: readonly Case[] = postgresVersions().flatMap((version) =>
  (version === "embedded" ? (["session", "transaction"] as const) : (["transaction"] as const)).flatMap(
    (poolMode) => ([2, 1] as const).map((slots) => ({ version, poolMode, slots })),
  ),
);

describe.skipIf(findPgbouncer() === undefined)("a rotation whose consumer is behind a pooler", () => {
  const servers = new Map<string, TestPostgres>();
  const rows: (readonly (string | number)[])[] = [];
  let failed = 0;
  beforeAll(async () => {
    for (const version of postgresVersions()) servers.set(version, await startPostgres({ version }));
  });
  afterAll(async () => {
    for (const server of servers.values()) await server.stop();
    writeProofTable({
      name: "pooler-rotation",
      title: "Whole rotations through pgbouncer",
      summary: `${rows.length} rotations through a real pgbouncer with SCRAM pass-through, an application signing in every 20 ms and holding connections of its own: ${failed} failed logins and questions.`,
      head: ["server", "pool mode", "roles", "logins", "failed logins", "questions", "failed questions"],
      rows,
    });
  });

  test.each(CASES)(
    "$slots roles, $poolMode pooling, $version server: nobody notices",
    async ({ version, poolMode, slots }) => {
      const server = servers.get(version);
      if (server === undefined) throw new Error("not started");
      const root = mkdtempSync(join(tmpdir(), "cre-pooler-"));
      const stem = `orders_${randomBytes(4).toString("hex")}`;
      const roles = slots === 1 ? [`${stem}_a`] : [`${stem}_a`, `${stem}_b`];
      const [first = ""] = roles;
      const pooler = await startPgbouncer(server, { poolMode, settings: { server_idle_timeout: "1" } });
      let application: Application | undefined;
      try {
        await createRoles(server, stem, roles);
        let offset = 0;
        application = await startApplication(
          { host: pooler.host, port: pooler.port, database: stem },
          { user: first, password: FIRST },
          { ...HOOK, clock: () => Date.now() + offset },
        );
        const remote = join(root, "remote.git");
        createRemote(root, remote, documents(server, pooler.port, stem, roles, application.url));
        const env = {
          PATH: process.env["PATH"],
          HOME: root,
          PG_ADMIN: server.password,
          HOOK_KEY: HOOK.key,
          GIT_CONFIG_GLOBAL: "/dev/null",
        };
        const told: string[] = [];
        for (const hours of HOURS) {
          const at = hoursAfter(START, hours);
          offset = epochSeconds(at) * 1000 - Date.now();
          const report = await runOnce(root, remote, env, at);
          told.push(...report.lines.map(({ text }) => text));
          // What the pooler keeps of a role that nobody asks for ends by server_idle_timeout, in seconds of the real clock.
          const left = roles.filter((role) => role !== application?.user());
          await expect.poll(async () => sessionsOf(server, left), { timeout: 10_000 }).toBe(0);
        }
        const { tally } = application;
        await expect.poll(() => tally.answers).toBeGreaterThan(100);
        expect(told.slice(-1)).toEqual(["orders-db: done"]);
        expect(statusOf(remote)?.rotation?.outcome).toBe("done");
        expect(application.user()).toBe(slots === 2 ? `${stem}_b` : first);
        expect(pooler.logText()).toContain(`user=${application.user()}`);
        rows.push([version, poolMode, slots, tally.logins, tally.refusals, tally.answers, tally.failures]);
        failed += tally.refusals + tally.failures;
        expect({ ...tally, errors: [...tally.errors] }).toMatchObject({
          refusals: 0,
          failures: 0,
          errors: [],
        });
        expect(await openRoles(server, roles)).toEqual([application.user()]);
      } finally {
        await application?.stop();
        await pooler.stop();
        rmSync(root, { recursive: true, force: true });
      }
    },
  );
});

async function createRoles(server: TestPostgres, stem: string, roles: readonly string[]): Promise<void> {
  await server.admin(`CREATE ROLE ${stem}_owner NOLOGIN`);
  await server.admin(`CREATE DATABASE ${stem} OWNER ${stem}_owner`);
  for (const [index, role] of roles.entries()) {
    await server.admin(
      `CREATE ROLE ${role} ${index === 0 ? `LOGIN PASSWORD '${FIRST}'` : "NOLOGIN"}; GRANT ${stem}_owner TO ${role}`,
    );
  }
}

/** Those that can log in or have a password. */
async function openRoles(server: TestPostgres, roles: readonly string[]): Promise<unknown[]> {
  const list = roles.map((role) => `'${role}'`).join(", ");
  const rows = await server.admin(
    `SELECT rolname FROM pg_authid WHERE rolname IN (${list}) AND (rolcanlogin OR rolpassword IS NOT NULL)`,
  );
  return rows.map(({ rolname }) => rolname);
}

async function sessionsOf(server: TestPostgres, roles: readonly string[]): Promise<number> {
  const list = roles.map((role) => `'${role}'`).join(", ") || "NULL";
  return (await server.admin(`SELECT pid FROM pg_stat_activity WHERE usename IN (${list})`)).length;
}

let clones = 0;
async function runOnce(
  root: string,
  remote: string,
  env: Readonly<Record<string, string | undefined>>,
  at: Instant,
): Promise<RunReport> {
  clones += 1;
  const repo = join(root, `clone-${clones}`);
  git(root, "clone", "--quiet", remote, repo);
  const { signal } = new AbortController();
  const progress = { step: () => undefined, warn: () => undefined };
  const ports = await openPorts({ repo, progress, signal, env, actor: "test" }, { clock: clockFrom(at) });
  return run(ports, {}, signal);
}

function statusOf(remote: string): Status | undefined {
  // `as`: written by the product, whose own reader checks it.
  return JSON.parse(
    git(remote, "show", "refs/heads/cre/state:registry/status/orders-api/orders-db.json"),
  ) as Status;
}

function documents(
  server: TestPostgres,
  pooler: number,
  stem: string,
  roles: readonly string[],
  hook: string,
): Readonly<Record<string, string>> {
  const registry = `apiVersion: cre/v1
kind: Credential
metadata: { name: orders-db }
spec:
  type: database-password
  service: orders-api
  owner: { team: payments, contact: payments@example.com }
  createdAt: 2026-01-15
  method: automated
  provider:
    postgresql: { connection: orders-cluster, database: ${stem}, roles: [${roles.join(", ")}], verifyAt: [orders-pooler] }
  deliver:
    - webhook: { connection: orders-hook, triesPending: true }
      consumer: orders-api
  access:
    - { principal: orders-api, kind: service, purpose: reads and writes orders }
`;
  const policies = `apiVersion: cre/v1
kind: Connection
metadata: { name: orders-cluster }
spec:
  postgresql: { host: ${server.host}, port: ${server.port}, tls: { mode: disable }, admin: { user: ${server.superuser}, password: { env: PG_ADMIN } } }
  allow: { names: [orders-db], objects: ["${stem}_*"] }
---
apiVersion: cre/v1
kind: Connection
metadata: { name: orders-pooler }
spec:
  postgresql: { host: 127.0.0.1, port: ${pooler}, tls: { mode: disable } }
  allow: { names: [orders-db] }
---
apiVersion: cre/v1
kind: Connection
metadata: { name: orders-hook }
spec:
  webhook: { url: "${hook}", key: { id: ${HOOK.keyId}, secret: { env: HOOK_KEY } } }
  allow: { names: [orders-db] }
---
${PASSWORD_POLICY}`;
  return { "registry/orders.yaml": registry, "policies/platform.yaml": policies };
}
