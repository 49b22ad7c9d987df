import type { RunnerRole } from "./keycloak-server.ts";
import {
  createClient,
  dropRotated,
  ROTATED,
  regenerate,
  type StoredClient,
  shownClient,
  updateClient,
} from "./stored-client.ts";
import type { Answer, StoredRealm } from "./stored-realm.ts";

export interface AdminCall {
  readonly method: string;
  /** Below the realm. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: string;
}

export interface AdminContext {
  readonly realm: StoredRealm;
  readonly roles: ReadonlySet<RunnerRole> | "all";
  readonly hasFeature: boolean;
  readonly now: number;
}

const FORBIDDEN: Answer = { status: 403, body: { error: "HTTP 403 Forbidden" } };
const NO_RESOURCE: Answer = {
  status: 404,
  body: { error: "Unable to find matching target resource method" },
};

/** What the admin API answers below a realm. */
export function adminAnswer(call: AdminCall, context: AdminContext): Answer {
  const { path } = call;
  if (path.length === 0) return realmAnswer(context);
  if (path[0] === "client-policies") return policiesAnswer(path[1], context);
  if (path[0] !== "clients") return NO_RESOURCE;
  return path.length === 1 ? clientsAnswer(call, context) : clientAnswer(call, context);
}

function may({ roles }: AdminContext, ...any: readonly RunnerRole[]): boolean {
  return roles === "all" || any.some((role) => roles.has(role));
}

function realmAnswer(context: AdminContext): Answer {
  const realm = context.realm.name;
  if (may(context, "view-realm")) return { status: 200, body: { realm, accessTokenLifespan: 300 } };
  return context.roles === "all" || context.roles.size > 0 ? { status: 200, body: { realm } } : FORBIDDEN;
}

function policiesAnswer(what: string | undefined, context: AdminContext): Answer {
  if (!may(context, "view-realm")) return FORBIDDEN;
  const { policy } = context.realm;
  if (what === "profiles") {
    const configuration = policy && {
      "expiration-period": policy.expiration,
      "rotated-expiration-period": policy.rotatedExpiration,
    };
    const executors = [{ executor: "secret-rotation", configuration }];
    return { status: 200, body: { profiles: policy === undefined ? [] : [{ name: "rotate", executors }] } };
  }
  const policies = policy === undefined ? [] : [{ name: "rotate", enabled: true, profiles: ["rotate"] }];
  return { status: 200, body: { policies } };
}

function clientsAnswer({ method, query, body }: AdminCall, context: AdminContext): Answer {
  const { realm, now } = context;
  const canManage = may(context, "manage-clients");
  if (method === "POST") {
    if (!canManage) return FORBIDDEN;
    const given = parsed(body);
    if (given === undefined) return unreadable();
    realm.clients.push(createClient(given, realm.policy, now));
    return { status: 201 };
  }
  if (!may(context, "view-clients", "manage-clients", "query-clients")) return FORBIDDEN;
  if (!may(context, "view-clients", "manage-clients")) return { status: 200, body: [] };
  const wanted = query.get("clientId");
  const found = realm.clients.filter(({ fields }) => wanted === null || fields.get("clientId") === wanted);
  return { status: 200, body: found.map((client) => shownClient(client, canManage)) };
}

function clientAnswer(call: AdminCall, context: AdminContext): Answer {
  const { method, path, body } = call;
  const { realm, now, hasFeature } = context;
  const [, id, ...below] = path;
  const canManage = may(context, "manage-clients");
  if (!may(context, "view-clients", "manage-clients")) return FORBIDDEN;
  const client = realm.clients.find(({ fields }) => fields.get("id") === id);
  if (client === undefined) return { status: 404, body: { error: "Could not find client" } };
  const operation = [method, ...below].join(" ");
  if (operation === "GET") return { status: 200, body: shownClient(client, canManage) };
  if (operation === "GET client-secret") return { status: 200, body: secretOf(client.fields.get("secret")) };
  if (operation === "GET client-secret rotated") {
    const rotated = client.attributes.get(ROTATED);
    return hasFeature && rotated !== undefined
      ? { status: 200, body: secretOf(rotated) }
      : { status: 404, body: { error: "Client does not have a rotated secret" } };
  }
  if (!canManage) return FORBIDDEN;
  if (operation === "PUT") return putClient(client, body, context);
  if (operation === "POST client-secret") {
    return { status: 200, body: secretOf(regenerate(client, realm.policy, now)) };
  }
  if (operation === "DELETE client-secret rotated") {
    dropRotated(client);
    return { status: 204 };
  }
  if (operation === "DELETE") {
    realm.clients.splice(realm.clients.indexOf(client), 1);
    return { status: 204 };
  }
  return NO_RESOURCE;
}

function putClient(client: StoredClient, body: string, { realm, hasFeature, now }: AdminContext): Answer {
  const given = parsed(body);
  if (given === undefined) return unreadable();
  updateClient(client, given, { policy: realm.policy, hasFeature }, now);
  return { status: 204 };
}

function secretOf(value: unknown): object {
  return { type: "secret", value };
}

function unreadable(): Answer {
  return { status: 400, body: { error: "invalid_request", error_description: "Cannot parse the JSON" } };
}

function parsed(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
