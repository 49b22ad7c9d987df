import { type ChildProcess, spawn } from "node:child_process";
import { chownSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConnectionSpec, PostgresqlConnection } from "../../core/documents/connection.ts";
import { freePort } from "./free-port.ts";
import { findPgbouncer, unprivileged } from "./ladder.ts";
import { adminOf, type TestPostgres } from "./postgresql.ts";

export interface PoolerOptions {
  readonly poolMode: "session" | "transaction";
  /** Lines of `auth_file`: password or verifier by role. They win over what the server would say. */
  readonly users?: Readonly<Record<string, string>>;
  /** Ask the server for the verifiers of other roles (default), which SCRAM pass-through needs. */
  readonly authQuery?: boolean;
  /** Lines of the section `pgbouncer`, besides or in place of ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** PEM texts; with them clients must use TLS. */
  readonly tls?: { readonly key: string; readonly certificate: string };
}

/** A real pgbouncer of its own on 127.0.0.1 before a test server, gone without a trace after `stop`. */
export interface TestPooler {
  readonly host: string;
  readonly port: number;
  /** As a Connection document has it. */
  readonly connection: ConnectionSpec;
  logText(): string;
  /** Runs a command of pgbouncer's admin console (`SHOW SERVERS`, `RECONNECT`) and gives its rows. */
  console(command: string): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";
const READY_MILLISECONDS = 15_000;
const OPERATOR = { user: "operator", password: "operator-of-a-test" };
const LOOKUP = { user: "pooler_lookup", password: "lookup-of-a-test" };

/**
 * Starts pgbouncer with SCRAM only. Every database that is made on the server from now on lets it look up verifiers,
 * by a function that is its only right. Also under root, as another account.
 */
export async function startPgbouncer(server: TestPostgres, options: PoolerOptions): Promise<TestPooler> {
  const program = findPgbouncer();
  if (program === undefined) throw new Error("this machine has no pgbouncer");
  if (options.authQuery !== false) await allowLookup(server);
  const folder = await mkdtemp(join(tmpdir(), "cre-pgbouncer-"));
  try {
    for (let tries = 0; ; tries += 1) {
      const port = await freePort();
      configure(folder, server, port, options);
      const running = await run(program, folder, port);
      if (running !== undefined) return poolerOf(running, port, folder, options);
      if (tries === 4) throw new Error(`pgbouncer does not start:\n${readLog(folder)}`);
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** New databases are copies of `template1`. */
async function allowLookup(server: TestPostgres): Promise<void> {
  await server.admin(
    `DO $$ BEGIN
       IF to_regrole('${LOOKUP.user}') IS NULL THEN CREATE ROLE ${LOOKUP.user} LOGIN PASSWORD '${LOOKUP.password}'; END IF;
     END $$`,
  );
  await server.admin(
    `CREATE OR REPLACE FUNCTION public.verifier_of(name text) RETURNS TABLE (rolname name, rolpassword text)
       LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
       AS 'SELECT rolname, rolpassword FROM pg_authid WHERE rolname = name AND rolcanlogin';
     REVOKE ALL ON FUNCTION public.verifier_of FROM PUBLIC;
     GRANT EXECUTE ON FUNCTION public.verifier_of TO ${LOOKUP.user}`,
    "template1",
  );
}

function configure(folder: string, server: TestPostgres, port: number, options: PoolerOptions): void {
  const { users = {}, authQuery = true, tls } = options;
  const settings: Record<string, string> = {
    listen_addr: HOST,
    listen_port: String(port),
    unix_socket_dir: "",
    pool_mode: options.poolMode,
    auth_type: "scram-sha-256",
    auth_file: join(folder, "userlist.txt"),
    admin_users: OPERATOR.user,
    max_client_conn: "200",
    ...(authQuery
      ? { auth_user: LOOKUP.user, auth_query: "SELECT rolname, rolpassword FROM public.verifier_of($1)" }
      : {}),
    ...(tls === undefined
      ? {}
      : {
          client_tls_sslmode: "require",
          client_tls_key_file: join(folder, "tls.key"),
          client_tls_cert_file: join(folder, "tls.crt"),
        }),
    ...options.settings,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const own = {
    [OPERATOR.user]: OPERATOR.password,
    ...(authQuery ? { [LOOKUP.user]: LOOKUP.password } : {}),
    ...users,
  };
  const files: Record<string, string> = {
    "pgbouncer.ini": `[databases]\n* = host=${server.host} port=${server.port}\n[pgbouncer]\n${lines.join("\n")}\n`,
    "userlist.txt": Object.entries(own)
      .map(([name, value]) => `"${name}" "${value}"\n`)
      .join(""),
    ...(tls === undefined ? {} : { "tls.key": tls.key, "tls.crt": tls.certificate }),
  };
  const account = unprivileged();
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    if (account !== undefined) chownSync(path, account.uid, account.gid);
  }
}

interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<void>;
}

/** Undefined when it ended at once: somebody else took the port between our look and the start. */
async function run(program: string, folder: string, port: number): Promise<Running | undefined> {
  const account = unprivileged();
  const pooler = spawn(program, [join(folder, "pgbouncer.ini")], {
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    env: { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => void pooler.once("exit", () => resolve()));
  pooler.stderr.on("data", (chunk: Buffer) => writeFileSync(join(folder, "log"), chunk, { flag: "a" }));
  const kill = (): void => void pooler.kill("SIGKILL");
  process.once("exit", kill);
  void ended.then(() => process.off("exit", kill));
  const deadline = Date.now() + READY_MILLISECONDS;
  while (Date.now() < deadline && pooler.exitCode === null && pooler.signalCode === null) {
    const log = readLog(folder);
    if (log.includes(`listening on ${HOST}:${port}`) && log.includes("process up")) {
      return { process: pooler, ended };
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  pooler.kill("SIGKILL");
  await ended;
  return undefined;
}

function poolerOf(
  { process: pooler, ended }: Running,
  port: number,
  folder: string,
  { tls }: PoolerOptions,
): TestPooler {
  const plain: PostgresqlConnection = { host: HOST, port, tls: { mode: "disable" } };
  const operator = {
    host: HOST,
    port,
    ...OPERATOR,
    ssl: tls === undefined ? false : { rejectUnauthorized: false },
  };
  const ask = adminOf(operator);
  return {
    host: HOST,
    port,
    connection: { postgresql: tls === undefined ? plain : { ...plain, tls: { ca: "ca.pem" } }, allow: {} },
    logText: () => readLog(folder),
    console: async (command) => ask(command, "pgbouncer"),
    stop: async () => {
      // It keeps nothing on disk, and a polite end waits for its clients.
      pooler.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function readLog(folder: string): string {
  const log = join(folder, "log");
  return existsSync(log) ? readFileSync(log, "utf8") : "";
}
