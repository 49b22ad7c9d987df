import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { adminAnswer } from "./admin-answers.ts";
import { askJson, type KeycloakRealm, type KeycloakServer, type RunnerRole } from "./keycloak-server.ts";
import { actOnLogin, createClient, takes } from "./stored-client.ts";
import type { Answer, StoredRealm } from "./stored-realm.ts";

/** A request to the stand-in. */
export interface KeycloakCall {
  /** `GET clients`, `PUT client`, `POST token`, and so on. */
  readonly operation: string;
  /** Client id of who asks; undefined: nobody. */
  readonly as: string | undefined;
}

/** In place of an answer: this one, a closed connection, or none ever. */
export type KeycloakFault =
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  | "lost"
  | "hang";

/** Hears of each request, before and after it happens, and may answer in its place. */
export type KeycloakHear = (call: KeycloakCall, side: "before" | "after") => KeycloakFault | undefined;

export interface KeycloakStandIn extends KeycloakServer {
  listen(hear: KeycloakHear | undefined): void;
}

export interface StandInOptions {
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** Whether the feature client-secret-rotation is on; default yes. */
  readonly hasFeature?: boolean;
  /** Seconds that a token lives; default 60, as the real one's do for admins. */
  readonly tokenLife?: number;
  /** Of the runner's client; default a random one. */
  readonly runnerSecret?: string;
}

interface Token {
  readonly realm: string;
  readonly clientId: string;
  readonly until: number;
}

const RUNNER = "cre-runner";
const ADMIN = "admin";

/** As much of Keycloak as a rotation of client secrets asks for. */
export async function startKeycloakStandIn(options: StandInOptions = {}): Promise<KeycloakStandIn> {
  const { clock = Date.now, hasFeature = true, tokenLife = 60 } = options;
  const { runnerSecret = randomBytes(24).toString("hex") } = options;
  const realms = new Map<string, StoredRealm>();
  const tokens = new Map<string, Token>();
  const adminToken = randomBytes(16).toString("hex");
  let hear: KeycloakHear | undefined;
  const seconds = (): number => Math.floor(clock() / 1000);

  const callerOf = (request: IncomingMessage): string | undefined => {
    const text = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
    if (text === adminToken) return ADMIN;
    const token = tokens.get(text);
    return token !== undefined && token.until > seconds() ? `${token.realm}/${token.clientId}` : undefined;
  };

  const authenticate = (endpoint: string, realm: StoredRealm, form: URLSearchParams): Answer => {
    const client = realm.clients.find(({ fields }) => fields.get("clientId") === form.get("client_id"));
    const accepted =
      client !== undefined && takes(client, form.get("client_secret") ?? "", hasFeature, seconds());
    if (endpoint === "token/introspect") {
      return accepted
        ? { status: 200, body: { active: false } }
        : oauthError("invalid_client", "Client authentication failed.");
    }
    if (client === undefined) {
      return oauthError("invalid_client", "Invalid client or Invalid client credentials");
    }
    if (!accepted) return oauthError("unauthorized_client", "Invalid client or Invalid client credentials");
    if (client.fields.get("serviceAccountsEnabled") !== true) {
      return oauthError("unauthorized_client", "Client not enabled to retrieve service account");
    }
    actOnLogin(client, realm.policy, seconds());
    const token = randomBytes(24).toString("base64url");
    const clientId = String(client.fields.get("clientId"));
    tokens.set(token, { realm: realm.name, clientId, until: seconds() + tokenLife });
    return {
      status: 200,
      body: { access_token: token, expires_in: tokenLife, refresh_expires_in: 0, token_type: "Bearer" },
    };
  };

  const answer = (request: IncomingMessage, body: string): { call: KeycloakCall; act: () => Answer } => {
    const url = new URL(request.url ?? "", "http://stand-in");
    const parts = url.pathname.split("/").slice(1).map(decodeURIComponent);
    const method = request.method ?? "";
    if (parts[0] === "realms" && parts[2] === "protocol") {
      const [, name = "", , , ...endpoint] = parts;
      const realm = realms.get(name);
      const form = new URLSearchParams(body);
      const as = form.get("client_id") ?? undefined;
      const call = { operation: `POST ${endpoint.join("/")}`, as };
      if (realm === undefined) {
        return { call, act: () => ({ status: 404, body: { error: "Realm does not exist" } }) };
      }
      return { call, act: () => authenticate(endpoint.join("/"), realm, form) };
    }
    const caller = callerOf(request);
    const [top, , name = "", kind = "realm", id] = parts;
    if (top !== "admin") {
      const error = "Unable to find matching target resource method";
      return {
        call: { operation: `${method} elsewhere`, as: caller },
        act: () => ({ status: 404, body: { error } }),
      };
    }
    const what =
      kind === "clients" && id !== undefined
        ? ["client", ...parts.slice(5)].join(" ")
        : parts.slice(3).join("/");
    const call = { operation: `${method} ${what === "" ? kind : what}`, as: caller };
    const act = (): Answer => {
      if (caller === undefined) return { status: 401, body: { error: "HTTP 401 Unauthorized" } };
      const realm = realms.get(name);
      if (realm === undefined) return { status: 404, body: { error: "Realm not found." } };
      const roles =
        caller === ADMIN ? "all" : caller === `${name}/${RUNNER}` ? realm.roles : new Set<RunnerRole>();
      return adminAnswer(
        { method, path: parts.slice(3), query: url.searchParams, body },
        { realm, roles, hasFeature, now: seconds() },
      );
    };
    return { call, act };
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { call, act } = answer(request, Buffer.concat(chunks).toString("utf8"));
      const early = hear?.(call, "before");
      if (early !== undefined) return interrupt(response, early);
      const { status, body } = act();
      const late = hear?.(call, "after");
      if (late !== undefined) return interrupt(response, late);
      const head = {
        "Content-Type": "application/json;charset=UTF-8",
        Date: new Date(clock()).toUTCString(),
      };
      response.writeHead(status, head);
      response.end(body === undefined ? "" : JSON.stringify(body));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // `as`: a server that listens on TCP has an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  const addRealm = async (name: string): Promise<KeycloakRealm> => {
    const runner = { clientId: RUNNER, secret: runnerSecret };
    const own = createClient({ ...runner, serviceAccountsEnabled: true }, undefined, seconds());
    // `grant` and `policy` change it.
    own.fields.set("clientId", RUNNER);
    const realm: StoredRealm = {
      name,
      clients: [own],
      roles: new Set(["manage-clients"]),
      policy: undefined,
    };
    realms.set(name, realm);
    return {
      name,
      runner,
      admin: async (method, path, body) =>
        askJson(`${url}/admin/realms/${name}${path}`, {
          method,
          headers: { Authorization: `Bearer ${adminToken}`, "Content-Type": "application/json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      grant: async (roles) => {
        realm.roles = new Set(roles);
      },
      policy: async (policy) => {
        realm.policy = policy;
      },
      post: async (endpoint, form) =>
        askJson(`${url}/realms/${name}/protocol/openid-connect/${endpoint}`, {
          method: "POST",
          headers: { "Content-Type": "application/x-www-form-urlencoded" },
          body: new URLSearchParams(form).toString(),
        }),
    };
  };

  return {
    name: "the stand-in",
    url,
    addRealm,
    listen: (next) => {
      hear = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function oauthError(error: string, description: string): Answer {
  return { status: 401, body: { error, error_description: description } };
}

function interrupt(response: ServerResponse, fault: KeycloakFault): void {
  if (fault === "lost") response.destroy();
  else if (fault !== "hang") {
    const { status, body = "", headers = { "Content-Type": "text/html" } } = fault;
    response.writeHead(status, headers).end(body);
  }
}
