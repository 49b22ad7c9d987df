import pg from "pg";
import { signIn as openSession } from "../../../adapters/clients/ssh/session.ts";
import { Secret } from "../../../core/model/secret.ts";
import type { ConsumerWorld, LoginKind, Parts } from "./consumer-world.ts";

const PATIENCE = 10_000;

/** How a place answered a sign-in: with its own words where it refused. */
export interface SignInAnswer {
  readonly accepted: boolean;
  readonly words: string;
}

/** Signs in once with these parts. Rejects where the place gave no verdict: that proves nothing about the credential. */
export async function signIn(kind: LoginKind, parts: Parts, world: ConsumerWorld): Promise<SignInAnswer> {
  return WAYS[kind](parts, world);
}

type Way = (parts: Parts, world: ConsumerWorld) => Promise<SignInAnswer>;

const WAYS: Readonly<Record<LoginKind, Way>> = {
  postgresql: async ({ username = "", password = "" }, { postgresql }) => {
    const client = new pg.Client({
      ...postgresql,
      user: username,
      password,
      application_name: "orders-api",
      connectionTimeoutMillis: PATIENCE,
    });
    client.on("error", () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ who: string }>("SELECT session_user AS who");
      return { accepted: true, words: `session_user = ${rows[0]?.who ?? ""}` };
    } catch (error) {
      const code = codeOf(error);
      // 28P01: wrong password. 28000: the role may not log in.
      if (code === "28P01" || code === "28000") return { accepted: false, words: `${code} ${textOf(error)}` };
      throw error;
    } finally {
      await client.end().catch(() => undefined);
    }
  },
  aws: async ({ accessKeyId = "", secretAccessKey = "" }, { aws }) => {
    const { STS } = await import("@aws-sdk/client-sts");
    const sts = new STS({ ...aws, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 });
    try {
      const { Arn: arn = "" } = await sts.getCallerIdentity({});
      return { accepted: true, words: `GetCallerIdentity: ${arn}` };
    } catch (error) {
      if (error instanceof Error && error.name === "InvalidClientTokenId") {
        return { accepted: false, words: error.name };
      }
      throw error;
    } finally {
      sts.destroy();
    }
  },
  ssh: async ({ privateKey = "" }, { ssh }) => {
    const key = new Secret(privateKey);
    const target = { name: ssh.host, connection: { ...ssh, key: { env: "UNUSED" } } };
    const surroundings = { readFile: () => "" };
    try {
      const session = await openSession(
        target,
        { user: ssh.user, key },
        surroundings,
        AbortSignal.timeout(PATIENCE),
      );
      session.close();
      return { accepted: true, words: `session of ${ssh.user}` };
    } catch (error) {
      if (codeOf(error) === "login-refused") return { accepted: false, words: "publickey refused" };
      throw error;
    }
  },
  oauth: async ({ clientId = "", clientSecret = "" }, { oauth }) => {
    const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
    const answer = await fetch(oauth.url, {
      method: "POST",
      body: new URLSearchParams(form),
      signal: AbortSignal.timeout(PATIENCE),
    });
    const text = await answer.text();
    if (answer.ok) return { accepted: true, words: "an access token" };
    const [, error] = /"error":"(\w+)"/.exec(text) ?? [];
    if (error === "unauthorized_client" || error === "invalid_client") {
      return { accepted: false, words: `${answer.status} ${error}` };
    }
    throw new Error(`the token endpoint answered with ${answer.status}`);
  },
};

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
