import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { createReceiver } from "../../../examples/webhook-receiver/receiver.ts";
import { isRefused } from "../conformance/consumer.ts";

/** The little application of the demo: a connection pool per database user, and the webhook receiver. */
export interface Shop {
  readonly url: string;
  readonly logins: () => number;
  readonly failures: () => readonly string[];
  /** Called when a request of this phase arrives for a credential, before it is answered. */
  onRequest(listener: (phase: string, credential: string) => void): void;
  current(credential: string): { readonly username: string; readonly password: string };
  stop(): Promise<void>;
}

export interface ShopOptions {
  readonly key: { readonly id: string; readonly secret: string };
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly initial: Readonly<Record<string, { readonly username: string; readonly password: string }>>;
}

const ORDER_EVERY_MS = 25;

/** Starts taking orders: for every credential, a query over a pool, and a fresh login now and then. */
export async function openShop(options: ShopOptions): Promise<Shop> {
  let listener: ((phase: string, credential: string) => void) | undefined;
  let logins = 0;
  const failures: string[] = [];
  const pools = new Map<string, pg.Pool>();
  const receiver = await createReceiver({
    keys: new Map([[options.key.id, options.key.secret]]),
    initial: options.initial,
    // New connections use the new secret; those that are open finish what they do.
    onPromote: async (credential) => retire(pools, credential),
  });
  const server = createServer((request, response) => {
    // The body is read by the receiver; the demo only wants to know that a request came in.
    request.once("data", (chunk: Buffer) => {
      const [, phase = "", credential = ""] =
        /"phase":"(\w+)","credential":"([\w-]+)"/.exec(chunk.toString()) ?? [];
      listener?.(phase, credential);
    });
    receiver.handle(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // `as`: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const closing = new AbortController();
  const customers = Object.keys(options.initial).map(async (credential) => {
    while (!closing.signal.aborted) {
      try {
        await receiver.withFallback(
          credential,
          async (parts) => order(pools, credential, options, parts),
          isRefused,
        );
        logins += 1;
      } catch (error) {
        failures.push(`${credential}: ${error instanceof Error ? error.message : String(error)}`);
      }
      await new Promise((done) => setTimeout(done, ORDER_EVERY_MS));
    }
  });
  return {
    url: `http://127.0.0.1:${port}/credentials`,
    logins: () => logins,
    failures: () => failures,
    onRequest: (next) => {
      listener = next;
    },
    current: (credential) => {
      const parts = receiver.credentials(credential).current?.parts ?? {};
      return { username: parts["username"] ?? "", password: parts["password"] ?? "" };
    },
    stop: async () => {
      closing.abort();
      await Promise.all(customers);
      for (const credential of pools.keys()) await retire(pools, credential);
      server.closeAllConnections();
      server.close();
    },
  };
}

/** One order: a fresh login, so that every order proves that the secret works, and a query on a pooled connection. */
async function order(
  pools: Map<string, pg.Pool>,
  credential: string,
  options: ShopOptions,
  parts: Readonly<Record<string, string>>,
): Promise<void> {
  const { host, port, database } = options;
  const login = {
    host,
    port,
    database,
    user: parts["username"] ?? "",
    password: parts["password"] ?? "",
    application_name: "demo-shop",
  };
  const client = new pg.Client({ ...login, connectionTimeoutMillis: 5000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT 1");
  } finally {
    await client.end().catch(() => undefined);
  }
  const key = `${credential}:${login.user}`;
  const pool = pools.get(key) ?? poolOf(login);
  pools.set(key, pool);
  // A pooled connection that the server ended (a compromised version's sessions are) is replaced by a new one.
  await pool.query("SELECT 1").catch(() => pool.query("SELECT 1"));
}

function poolOf(login: pg.ClientConfig): pg.Pool {
  const pool = new pg.Pool({ ...login, max: 2, idleTimeoutMillis: 500 });
  pool.on("error", () => undefined);
  return pool;
}

async function retire(pools: Map<string, pg.Pool>, credential: string): Promise<void> {
  for (const [key, pool] of pools) {
    if (key !== credential && !key.startsWith(`${credential}:`)) continue;
    pools.delete(key);
    await pool.end().catch(() => undefined);
  }
}
