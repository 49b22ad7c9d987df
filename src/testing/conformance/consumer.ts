import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { parseEnv } from "node:util";
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
  /** What it logs in with now. */
  held(): Login;
  /** Logs in once, now. */
  sample(): Promise<void>;
  /** Every password it was ever handed, to search for where they must not be. */
  readonly seen: ReadonlySet<string>;
  /** Stops and starts answering webhooks, with the process that would answer still there. */
  stop(): Promise<void>;
}

export interface Login {
  readonly user: string;
  readonly password: string;
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
  /** An env file that the application reads instead of listening; it holds a session, as a pool would. */
  readonly envFile?: string;
  /** Milliseconds since 1970 as the runner of the moment sees them. */
  readonly clock: () => number;
  /** Milliseconds between two logins. */
  readonly every: number;
}

/** An application: the webhook receiver, and a login with the current secret (pending when that is refused) every so often. */
export async function startConsumer(options: ConsumerOptions): Promise<Consumer> {
  const { credential, key, login, clock } = options;
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
  const held = (): Login =>
    options.envFile === undefined
      ? loginOf(receiver.credentials(credential).current?.parts)
      : fileLogin(options.envFile, login);
  const pool = new HeldSession(login);
  const sampler = new Sampler({ receiver, held, options, pool, tally, seen });
  const sampling = sampler.go(stopped.signal);
  return {
    url: `http://127.0.0.1:${port}/credentials`,
    receiver,
    tally,
    held,
    seen,
    sample: async () => sampler.once(),
    stop: async () => {
      stopped.abort();
      await sampling;
      await pool.close();
      await closed(server);
    },
  };
}

interface Sampled {
  readonly receiver: Receiver;
  readonly held: () => Login;
  readonly options: ConsumerOptions;
  readonly pool: HeldSession;
  readonly tally: Tally;
  readonly seen: Set<string>;
}

/** Logs in with what the application holds, and keeps the count. */
class Sampler {
  readonly #of: Sampled;
  #lastGood = Date.now();

  constructor(of: Sampled) {
    this.#of = of;
  }

  async go(signal: AbortSignal): Promise<void> {
    const { every } = this.#of.options;
    while (!signal.aborted) {
      const began = Date.now();
      await this.once();
      await pause(Math.max(0, every - (Date.now() - began)), signal);
    }
  }

  async once(): Promise<void> {
    const { receiver, options, tally, seen, held } = this.#of;
    const { credential, login, envFile } = options;
    try {
      await this.#logIn();
      tally.logins += 1;
      this.#lastGood = Date.now();
    } catch (error) {
      tally.failures += 1;
      tally.lastError = error instanceof Error ? error.message : String(error);
    }
    tally.longestGap = Math.max(tally.longestGap, Date.now() - this.#lastGood);
    const { current, pending } = receiver.credentials(credential);
    for (const version of [current, pending]) {
      if (typeof version?.attempt === "string") seen.add(version.parts["password"] ?? "");
    }
    if (envFile !== undefined && held().password !== login.password) seen.add(held().password);
  }

  async #logIn(): Promise<void> {
    const { receiver, options, held, pool } = this.#of;
    const { credential, login, envFile } = options;
    if (envFile === undefined) {
      const use = async (parts: Readonly<Record<string, string>>) =>
        connectOnce({ ...login, ...loginOf(parts) });
      await receiver.withFallback(credential, use, isRefused);
      return;
    }
    await connectOnce({ ...login, ...held() });
    await pool.keep(held());
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
}

/** One open session, as a pool holds it, renewed when the login changes. */
class HeldSession {
  readonly #place: ConsumerOptions["login"];
  #client: pg.Client | undefined;
  #user = "";

  constructor(place: ConsumerOptions["login"]) {
    this.#place = place;
  }

  async keep(login: Login): Promise<void> {
    if (login.user === this.#user) return;
    await this.close();
    this.#client = new pg.Client({ ...this.#place, ...login, application_name: "orders-api" });
    this.#client.on("error", () => undefined);
    await this.#client.connect();
    this.#user = login.user;
  }

  async close(): Promise<void> {
    await this.#client?.end().catch(() => undefined);
    this.#client = undefined;
    this.#user = "";
  }
}

function loginOf(parts: Readonly<Record<string, string>> | undefined): Login {
  return { user: parts?.["username"] ?? "", password: parts?.["password"] ?? "" };
}

/** What stands in the env file, else what the application was installed with. */
function fileLogin(path: string, first: Login): Login {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const value = (key: string): string | undefined => parseEnv(text)[key];
  return { user: value("PGUSER") ?? first.user, password: value("PGPASSWORD") ?? first.password };
}

/** 28P01 wrong password, 28000 role cannot log in: the credential is refused, anything else is trouble of another kind. */
export function isRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "28P01" || error.code === "28000");
}

async function connectOnce(login: {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
}): Promise<void> {
  const client = new pg.Client({ ...login, application_name: "orders-api", connectionTimeoutMillis: 30_000 });
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
