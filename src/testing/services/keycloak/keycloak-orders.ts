import { randomBytes, randomUUID } from "node:crypto";
import { keycloakClientRotator } from "../../../adapters/rotators/keycloak-client/rotator.ts";
import type { KeycloakConnection } from "../../../core/documents/connection.ts";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import { instantOf } from "../../../core/model/instant.ts";
import { Secret, type SecretParts } from "../../../core/model/secret.ts";
import type { BoundRotator } from "../../../core/ports/rotator.ts";
import type { Clock } from "../../../core/ports/runtime.ts";
import type { AdminAnswer, KeycloakRealm, KeycloakServer } from "./keycloak-server.ts";

export interface OrdersOptions {
  readonly clock?: Clock;
  readonly connection?: Partial<KeycloakConnection>;
  readonly oldLives?: string;
  /** What the runner signs in with; default: the realm's own runner. */
  readonly secret?: string;
  /** Fields of the client's representation. */
  readonly client?: Readonly<Record<string, unknown>>;
  /** Hears of every wait, in seconds; nothing waits in fact. */
  readonly onPause?: (seconds: number) => void;
  readonly onWarning?: (message: string) => void;
  /** Hears of every look at the runner's own secret, and may have it fail. */
  readonly onSecret?: () => void;
}

/** A client in a realm, and how a rotator is bound to it. */
export interface KeycloakOrders {
  readonly clientId: string;
  /** Keycloak's own id. */
  readonly id: string;
  /** Binds as another process would. */
  bind(change?: OrdersOptions): Promise<BoundRotator>;
  /** The client as an administrator sees it. */
  show(): Promise<ShownClient>;
  /** Somebody changes it by hand. */
  put(fields: object): Promise<AdminAnswer>;
  /** «Regenerate» in the console. */
  regenerate(): Promise<string>;
  logIn(secret: string): Promise<boolean>;
}

export interface ShownClient {
  readonly secret: string;
  readonly notBefore: number;
  readonly authorizationServicesEnabled?: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  readonly [name: string]: unknown;
}

/** Makes a client of its own in the realm. */
export async function createOrders(
  server: KeycloakServer,
  realm: KeycloakRealm,
  options: OrdersOptions = {},
): Promise<KeycloakOrders> {
  const clientId = `o-${randomBytes(8).toString("hex")}`;
  await realm.admin("POST", "/clients", {
    clientId,
    publicClient: false,
    serviceAccountsEnabled: true,
    standardFlowEnabled: false,
    ...options.client,
  });
  const { id } = await shown(realm, clientId);
  const path = `/clients/${String(id)}`;
  return {
    clientId,
    id: String(id),
    bind: async (change) => bindKeycloak(server, realm, clientId, { ...options, ...change }),
    show: async () => shown(realm, clientId),
    put: async (fields) => realm.admin("PUT", path, fields),
    regenerate: async () => {
      const { body } = await realm.admin("POST", `${path}/client-secret`);
      return typeof body === "object" && body !== null && "value" in body ? String(body.value) : "";
    },
    logIn: async (secret) => signsIn(realm, clientId, secret),
  };
}

/** Whether the realm takes this secret: a request for a token, or, where the client may get none, a question. */
async function signsIn(realm: KeycloakRealm, clientId: string, secret: string): Promise<boolean> {
  const login = { client_id: clientId, client_secret: secret };
  const { status } = await realm.post("token", { grant_type: "client_credentials", ...login });
  return status === 200 || (await realm.post("token/introspect", { token: "x", ...login })).status === 200;
}

/** What a consumer signs in with. */
export function secretIn(parts: SecretParts): string {
  return parts.get("clientSecret")?.reveal() ?? "";
}

/** Binds a credential for this client, whether it is there or not. */
export async function bindKeycloak(
  server: Pick<KeycloakServer, "url">,
  realm: Pick<KeycloakRealm, "name" | "runner">,
  clientId: string,
  options: OrdersOptions = {},
): Promise<BoundRotator> {
  const { runner } = realm;
  const connection: KeycloakConnection = {
    url: server.url,
    realm: realm.name,
    clientId: runner.clientId,
    secret: { env: "KEYCLOAK_SECRET" },
    ...options.connection,
  };
  const { oldLives } = options;
  const spec: CredentialSpec = {
    type: "oauth-client-secret",
    service: "orders-api",
    owner: { team: "payments", contact: "payments@example.com" },
    createdAt: "2026-01-15",
    method: "automated",
    provider: {
      "keycloak-client": {
        connection: "sso",
        realm: realm.name,
        clientId,
        ...(oldLives === undefined ? {} : { oldLives }),
      },
    },
    deliver: [],
  };
  return keycloakClientRotator.bind(
    "orders-login",
    spec,
    {
      clock: options.clock ?? { now: () => instantOf(Math.floor(Date.now() / 1000)) },
      random: { bytes: (length) => randomBytes(length), uuid: () => randomUUID() },
      secrets: {
        read: async () => {
          options.onSecret?.();
          return new Secret(options.secret ?? runner.secret);
        },
        present: () => true,
      },
      pause: async (seconds) => options.onPause?.(seconds),
      progress: { warn: (message) => options.onWarning?.(message) },
      connection: () => ({ keycloak: connection }),
      readFile: () => "",
      scanEndpoint: async () => {
        throw new Error("nothing is scanned");
      },
      commands: {},
    },
    AbortSignal.timeout(20_000),
  );
}

async function shown(realm: KeycloakRealm, clientId: string): Promise<ShownClient> {
  const { body } = await realm.admin("GET", `/clients?clientId=${encodeURIComponent(clientId)}`);
  // `as`: the representation of a client that is there.
  const client = (Array.isArray(body) ? body[0] : undefined) as ShownClient;
  const scopes = client["defaultClientScopes"];
  // Keycloak gives them in any order.
  return Array.isArray(scopes) ? { ...client, defaultClientScopes: scopes.map(String).toSorted() } : client;
}
