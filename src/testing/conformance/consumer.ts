import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { createReceiver, type Receiver } from "../../../examples/webhook-receiver/receiver.ts";

/** What an application saw of a rotation. */
export interface Tally {
  logins: number;
  failures: number;
  /** Longest time without a working login, in milliseconds. */
  longestGap: number;
  lastError: string | undefined;
}

export interface Consumer {
  readonly url: string;
  readonly receiver: Receiver;
  readonly tally: Tally;
  /** Every password it was ever handed, to search for where they must not be. */
  readonly seen: ReadonlySet<string>;
  /** Stops and starts answering webhooks, with the process that would answer still there. */
  stop(): Promise<void>;
}

export interface ConsumerOptions {
  readonly credential: string;
  readonly key: { readonly id: string; readonly secret: string };
  readonly login: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    readonly password: string;
  };
  /** Milliseconds since 1970 as the runner of the moment sees them. */
  readonly clock: () => number;
  /** Milliseconds between two logins; 0: none. */
  readonly every: number;
}

/** An application: the webhook receiver, and a login with the current secret (pending when that is refused) every so often. */
export async function startConsumer(options: ConsumerOptions): Promise<Consumer> {
  const { credential, key, login, every, clock } = options;
  const seen = new Set<string>();
  const receiver = await createReceiver({
    keys: new Map([[key.id, key.secret]]),
    clock,
    initial: { [credential]: { username: login.user, password: login.password } },
  });
  const server = createServer((request, response) => {
    receiver.handle(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // `as`: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const tally: Tally = { logins: 0, failures: 0, longestGap: 0, lastError: undefined };
  const stopped = new AbortController();
  const sampling = every === 0 ? Promise.resolve() : sample(receiver, options, tally, seen, stopped.signal);
  return {
    url: `http://127.0.0.1:${port}/credentials`,
    receiver,
    tally,
    seen,
    stop: async () => {
      stopped.abort();
      await sampling;
      await closed(server);
    },
  };
}

async function sample(
  receiver: Receiver,
  options: ConsumerOptions,
  tally: Tally,
  seen: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  const { credential, login, every } = options;
  let lastGood = Date.now();
  while (!signal.aborted) {
    const began = Date.now();
    try {
      await receiver.withFallback(
        credential,
        (parts) =>
          connectOnce({ ...login, user: parts["username"] ?? "", password: parts["password"] ?? "" }),
        isRefused,
      );
      tally.logins += 1;
      lastGood = Date.now();
    } catch (error) {
      tally.failures += 1;
      tally.lastError = error instanceof Error ? error.message : String(error);
    }
    tally.longestGap = Math.max(tally.longestGap, Date.now() - lastGood);
    const held = receiver.credentials(credential);
    for (const version of [held.current, held.pending]) {
      if (typeof version?.attempt === "string") seen.add(version.parts["password"] ?? "");
    }
    await new Promise((done) => setTimeout(done, Math.max(0, every - (Date.now() - began))));
  }
}

/** 28P01 wrong password, 28000 role cannot log in: the credential is refused, anything else is trouble of another kind. */
function isRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "28P01" || error.code === "28000");
}

async function connectOnce(login: {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
}): Promise<void> {
  const client = new pg.Client({ ...login, application_name: "orders-api", connectionTimeoutMillis: 5000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT 1");
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((done) => {
    server.close(() => done());
  });
}
