import { isIP } from "node:net";
import { type ConnectionOptions, checkServerIdentity } from "node:tls";
import type { Client } from "pg";
import { CreError } from "../../../core/model/errors.ts";
import type { Secret } from "../../../core/model/secret.ts";
import { connectError } from "./connect-error.ts";
import { type Door, placeOf } from "./door.ts";

const CONNECT_MILLISECONDS = 10_000;
const CLOSE_MILLISECONDS = 2_000;
/** Beyond this a server could keep us computing for minutes. */
export const MOST_ITERATIONS = 5_000_000;
const LEAVES_AT_THE_CHALLENGE = 1;

export interface Login {
  readonly user: string;
  readonly password: Secret;
  readonly database: string;
  readonly application: string;
}

/** One signed-in connection. Every query is a message of its own; an aborted signal cuts the connection. */
export interface Session {
  readonly door: Door;
  /** The process that the door says serves us; a pooler invents one. */
  readonly namedProcess: number | undefined;
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** The server's word for what it did, such as `COMMIT` or `ROLLBACK`. */
  command(text: string): Promise<string>;
  /** Ends the connection; never rejects, and does not wait for a server that is gone. */
  close(): Promise<void>;
}

/**
 * Signs in with SCRAM-SHA-256 and nothing else: a server that asks for the password in clear or as MD5, or for none
 * at all, is refused before anything is told to it, and must prove that it knows the password's verifier. TLS, where
 * the door has it, is verified with the name. Rejects with a CreError that never has the password in it.
 */
export async function openSession(door: Door, login: Login, signal: AbortSignal): Promise<Session> {
  signal.throwIfAborted();
  const attempt = await dial(door, login, () => login.password.reveal());
  const { client } = attempt;
  const cut = (): void => void client.connection.stream.destroy();
  signal.addEventListener("abort", cut, { once: true });
  try {
    await client.connect();
    attempt.refuseUnproven();
  } catch (error) {
    cut();
    signal.removeEventListener("abort", cut);
    signal.throwIfAborted();
    throw connectError(door, login.user, attempt.refusal() ?? error);
  }
  return {
    door,
    namedProcess: attempt.namedProcess(),
    query: async <Row extends object>(text: string, values?: readonly unknown[]) => {
      const answer = await client.query<Row>(text, values === undefined ? undefined : [...values]);
      return answer.rows;
    },
    command: async (text) => (await client.query(text)).command,
    close: async () => {
      signal.removeEventListener("abort", cut);
      const late = setTimeout(cut, CLOSE_MILLISECONDS);
      await client.end().catch(() => undefined);
      clearTimeout(late);
    },
  };
}

/**
 * Goes as far as the server's challenge for the password and leaves: the address answers, its certificate is right, it
 * speaks SCRAM, and it takes the name. Sends no secret. Gives the challenge's salt and count, which are those of the
 * role's verifier where the role has one. Rejects with a CreError.
 */
export async function knock(
  door: Door,
  user: string,
  database: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  signal.throwIfAborted();
  const login = { user, database, application: "cre-verify" };
  // The client gives up at the challenge, because no server counts as little as that.
  const attempt = await dial(door, login, () => "never used", LEAVES_AT_THE_CHALLENGE);
  const cut = (): void => void attempt.client.connection.stream.destroy();
  signal.addEventListener("abort", cut, { once: true });
  try {
    await attempt.client.connect();
    throw attempt.refusal() ?? new Error("no password was asked for");
  } catch (error) {
    signal.throwIfAborted();
    const challenge = attempt.challenge();
    if (challenge !== undefined) return verifierFacts(challenge);
    throw connectError(door, user, attempt.refusal() ?? error);
  } finally {
    signal.removeEventListener("abort", cut);
    cut();
  }
}

/** `s=<salt>,i=<count>` of a server's first message (RFC 5802). */
function verifierFacts(challenge: string): string | undefined {
  return /s=[^,]+,i=\d+/.exec(challenge)?.[0];
}

/** A client that refuses every kind of sign-in but SCRAM, and tells how far the server went. */
async function dial(
  door: Door,
  login: Omit<Login, "password">,
  password: () => string,
  scramMaxIterations = MOST_ITERATIONS,
) {
  const { Client } = await import("pg");
  const client = new Client({
    host: door.host,
    port: door.port,
    user: login.user,
    database: login.database,
    application_name: login.application,
    password: async () => password(),
    ssl: tlsOptions(door),
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    scramMaxIterations,
  } as ConstructorParameters<typeof Client>[0]);
  // A session that is ended from outside emits this; without a listener the process would die of it.
  client.on("error", () => undefined);
  return watched(client);
}

function watched(client: Client) {
  let challenge: string | undefined;
  let namedProcess: number | undefined;
  let proven = false;
  let refused: CreError | undefined;
  const refuse = (kind: string) => (): void => {
    refused = weakLogin(kind);
    client.connection.stream.destroy();
  };
  // Before connect() these come first, so the connection is gone when the client would answer.
  client.connection.on("authenticationCleartextPassword", refuse("the password in clear"));
  client.connection.on("authenticationMD5Password", refuse("an MD5 hash of the password"));
  client.connection.on("authenticationSASLContinue", ({ data }: { data: string }) => {
    challenge = data;
  });
  client.connection.on("backendKeyData", ({ processID }: { processID: number }) => {
    namedProcess = processID;
  });
  client.connection.on("authenticationSASLFinal", () => {
    proven = true;
  });
  return {
    client,
    /** The server's first message of SCRAM, if it came to that. */
    challenge: () => challenge,
    namedProcess: () => namedProcess,
    refusal: () => refused,
    /** Throws unless the server asked for the password and proved to know its verifier. */
    refuseUnproven: () => {
      if (!proven) throw weakLogin("no password at all");
    },
  };
}

function weakLogin(kind: string): CreError {
  return new CreError("scram-only", `the server asks for ${kind} instead of SCRAM-SHA-256`, {
    fix: "set the line of this role in pg_hba.conf (or the pooler's auth_type) to scram-sha-256; a sign-in without it proves nothing",
  });
}

function tlsOptions({ tls, host }: Door): ConnectionOptions | false {
  if (tls === undefined) return false;
  const { ca, serverName } = tls;
  return {
    // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED changes the default.
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
    checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
    ...(ca === undefined ? {} : { ca }),
    ...(isIP(host) !== 0 && isIP(serverName) === 0 ? { servername: serverName } : {}),
  };
}

/** A read-only task on a session of its own. Rejects with a CreError that names the place. */
export async function reading<T>(
  door: Door,
  login: Login,
  signal: AbortSignal,
  task: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession(door, login, signal);
  try {
    await session.command(
      "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; SET LOCAL search_path = pg_catalog, pg_temp; " +
        "SET LOCAL statement_timeout = '20s'; SET LOCAL lock_timeout = '10s'",
    );
    return await task(session);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CreError) throw error;
    throw new CreError("postgresql-read", `${placeOf(door)} did not answer a question`, {
      evidence: error instanceof Error ? error.message : "unknown error",
    });
  } finally {
    await session.close();
  }
}
