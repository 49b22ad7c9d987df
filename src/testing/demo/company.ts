import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestPostgres } from "../services/postgresql.ts";

export const DATABASE = "shop";
const TWO_ROLES = ["orders-db", "billing-db"] as const;
const ONE_ROLE = "reports-db";

/** What the documentation lets the admin switch off, so that no verifier stands in the server's log. */
const SILENCED = [
  "log_statement",
  "log_min_error_statement",
  "log_min_duration_statement",
  "log_min_duration_sample",
  "log_transaction_sample_rate",
  "track_activities",
];

/** First passwords of the demo's roles, as somebody set them by hand long ago. */
export type FirstLogins = Readonly<Record<string, { readonly username: string; readonly password: string }>>;

/** Roles as a database team would have them: an owner role, login roles that are its members, an admin that is no superuser. */
export async function createRoles(postgres: TestPostgres, adminPassword: string): Promise<FirstLogins> {
  const logins: Record<string, { username: string; password: string }> = {};
  await postgres.admin(`CREATE ROLE rotator LOGIN CREATEROLE PASSWORD '${adminPassword}'`);
  await postgres.admin("GRANT pg_read_all_stats, pg_signal_backend TO rotator");
  await postgres.admin(`GRANT SET ON PARAMETER ${SILENCED.join(", ")} TO rotator`);
  await postgres.admin("CREATE ROLE shop_owner NOLOGIN");
  await postgres.admin(`CREATE DATABASE ${DATABASE} OWNER shop_owner`);
  for (const credential of [...TWO_ROLES, ONE_ROLE]) {
    const base = credential.replace("-db", "");
    const roles = credential === ONE_ROLE ? [base] : [`${base}_a`, `${base}_b`];
    for (const [index, role] of roles.entries()) {
      const password = randomBytes(12).toString("hex");
      await postgres.admin(
        index === 0 ? `CREATE ROLE ${role} LOGIN PASSWORD '${password}'` : `CREATE ROLE ${role} NOLOGIN`,
      );
      await postgres.admin(`GRANT shop_owner TO ${role}`);
      await postgres.admin(`ALTER ROLE ${role} SET role = 'shop_owner'`);
      await postgres.admin(`GRANT ${role} TO rotator WITH ADMIN OPTION`);
      if (index === 0) logins[credential] = { username: role, password };
    }
  }
  return logins;
}

/** The repository of the demo: what people would write and review. */
export function documents(postgres: TestPostgres, hook: string): Readonly<Record<string, string>> {
  const credentials = [...TWO_ROLES, ONE_ROLE].map((name) => {
    const base = name.replace("-db", "");
    const roles = name === ONE_ROLE ? `[${base}]` : `[${base}_a, ${base}_b]\n      ownerRole: shop_owner`;
    return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${name} }
spec:
  type: database-password
  service: ${base}
  owner: { team: shop, contact: shop@example.com }
  createdAt: 2026-01-15
  method: automated
  provider:
    postgresql:
      connection: cluster
      database: ${DATABASE}
      roles: ${roles}
  deliver:
    - webhook: { connection: hook, triesPending: true }
      consumer: shop
  access:
    - { principal: shop, kind: service, purpose: sells things }
`;
  });
  const platform = `apiVersion: cre/v1
kind: Connection
metadata: { name: cluster }
spec:
  postgresql: { host: ${postgres.host}, port: ${postgres.port}, tls: { mode: disable }, admin: { user: rotator, password: { env: PG_ADMIN } } }
  allow: { services: [orders, billing, reports], objects: ["orders*", "billing*", "reports*", shop_owner] }
---
apiVersion: cre/v1
kind: Connection
metadata: { name: hook }
spec:
  webhook: { url: "${hook}", key: { id: k1, secret: { env: HOOK_KEY } } }
  allow: { services: [orders, billing, reports] }
---
apiVersion: cre/v1
kind: Policy
metadata: { name: database-passwords }
spec:
  match: { types: [database-password] }
  rotateWithin: 60d
  enforcement: rotate
  # Real policies say days here; the demo has no time.
  gracePeriod: 1s
  quietPeriod: 1s
  soakPeriod: 1s
`;
  return { "registry/shop.yaml": credentials.join("---\n"), "policies/platform.yaml": platform };
}

/** A bare remote with one commit by a person, and the checkout that the scheduled job works in. */
export function createRepository(
  root: string,
  files: Readonly<Record<string, string>>,
): { readonly remote: string; readonly checkout: string } {
  const remote = join(root, "remote.git");
  const checkout = join(root, "checkout");
  git(root, "init", "--quiet", "--bare", "--initial-branch=main", remote);
  git(root, "clone", "--quiet", remote, checkout);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(checkout, path, ".."), { recursive: true });
    writeFileSync(join(checkout, path), text);
  }
  git(checkout, "checkout", "--quiet", "-b", "main");
  git(checkout, "add", ".");
  git(
    checkout,
    "-c",
    "user.name=Dana",
    "-c",
    "user.email=dana@example.com",
    "commit",
    "--quiet",
    "-m",
    "Register the shop's database passwords",
  );
  git(checkout, "push", "--quiet", "--set-upstream", "origin", "main");
  return { remote, checkout };
}

export function git(cwd: string, ...args: readonly string[]): string {
  const env = { PATH: process.env["PATH"], HOME: cwd, GIT_CONFIG_GLOBAL: "/dev/null" };
  return execFileSync("git", args, { cwd, encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"] });
}
