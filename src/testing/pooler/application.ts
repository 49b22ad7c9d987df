import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { createReceiver } from "../../../examples/webhook-receiver/receiver.ts";

export interface Place {
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** What an application saw of a rotation. */
export interface Tally {
  /** New connections to the pooler that worked, and those that did not with either password. */
  logins: number;
  refusals: number;
  /** Questions through connections that the application keeps in a pool of its own. */
  answers: number;
  failures: number;
  errors: Set<string>;
}

export interface Application {
  /** Of its webhook. */
  readonly url: string;
  readonly tally: Tally;
  user(): string;
  stop(): Promise<void>;
}

const EVERY_MS = 20;

/**
 * An application behind a pooler: it takes secrets by webhook, keeps connections in a pool, and signs in anew every
 * 20 ms with the current secret, or the pending one when that is refused.
 */
export async function startApplication(
  place: Place,
  first: Login,
  hook: {
    readonly credential: string;
    readonly keyId: string;
    readonly key: string;
    readonly clock: () => number;
  },
): Promise<Application> {
  const { credential, keyId, key, clock } = hook;
  const receiver = await createReceiver({
    keys: new Map([[keyId, key]]),
    clock,
    initial: { [credential]: { username: first.user, password: first.password } },
  });
  const server = createServer((request, response) => receiver.handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // `as`: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const tally: Tally = { logins: 0, refusals: 0, answers: 0, failures: 0, errors: new Set() };
  const held = (): Login => loginOf(receiver.credentials(credential).current?.parts);
  const stopping = new AbortController();
  const working = work();
  return {
    url: `http://127.0.0.1:${port}/credentials`,
    tally,
    user: () => held().user,
    stop: async () => {
      stopping.abort();
      await working;
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };

  async function work(): Promise<void> {
    let login = held();
    let pool = poolFor(place, login);
    while (!stopping.signal.aborted) {
      const began = Date.now();
      if (held().password !== login.password) {
        await pool.end();
        login = held();
        pool = poolFor(place, login);
      }
      try {
        await receiver.withFallback(credential, async (parts) => signIn(place, loginOf(parts)), isRefused);
        tally.logins += 1;
      } catch (error) {
        tally.refusals += 1;
        tally.errors.add(messageOf(error));
      }
      try {
        await Promise.all([pool.query("SELECT 1"), pool.query("SELECT pg_sleep(0.005)")]);
        tally.answers += 2;
      } catch (error) {
        tally.failures += 1;
        tally.errors.add(messageOf(error));
      }
      await new Promise((done) => setTimeout(done, Math.max(0, EVERY_MS - (Date.now() - began))));
    }
    await pool.end();
  }
}

function poolFor(place: Place, login: Login): pg.Pool {
  const pool = new pg.Pool({ ...place, ...login, max: 4, application_name: "orders-api" });
  pool.on("error", () => undefined);
  return pool;
}

async function signIn(place: Place, login: Login): Promise<void> {
  const client = new pg.Client({
    ...place,
    ...login,
    application_name: "orders-api",
    connectionTimeoutMillis: 5000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT 1");
  } finally {
    await client.end().catch(() => undefined);
  }
}

function loginOf(parts: Readonly<Record<string, string>> | undefined): Login {
  return { user: parts?.["username"] ?? "", password: parts?.["password"] ?? "" };
}

/** A server says it by 28P01 and 28000; pgbouncer says it in words, under the one code that it has for everything. */
function isRefused(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  const byPooler = error.code === "08P01" && /authentication failed|no such user/.test(error.message);
  return error.code === "28P01" || error.code === "28000" || byPooler;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
