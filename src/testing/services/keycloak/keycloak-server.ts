/** Roles of Keycloak's client `realm-management` that a runner can have. */
export type RunnerRole = "view-clients" | "manage-clients" | "query-clients" | "view-realm";

/** Seconds, as the executor `secret-rotation` of a client policy has them. */
export interface RotationPolicy {
  readonly expiration: number;
  readonly rotatedExpiration: number;
}

export interface AdminAnswer {
  readonly status: number;
  /** Parsed JSON; undefined where there is none. */
  readonly body: unknown;
}

/** A realm with nothing in it but the runner's own client. */
export interface KeycloakRealm {
  readonly name: string;
  readonly runner: { readonly clientId: string; readonly secret: string };
  /** The admin API below the realm, as somebody who may do everything. */
  admin(method: string, path: string, body?: object): Promise<AdminAnswer>;
  /** From now on the runner has these roles, and no others. */
  grant(roles: readonly RunnerRole[]): Promise<void>;
  /** A policy for all confidential clients; undefined: none. */
  policy(policy: RotationPolicy | undefined): Promise<void>;
  /** An endpoint of OpenID Connect, with a form. */
  post(endpoint: "token" | "token/introspect", form: Readonly<Record<string, string>>): Promise<AdminAnswer>;
}

/** A Keycloak to test on: the real one, or a stand-in under the same contract. */
export interface KeycloakServer {
  readonly name: string;
  readonly url: string;
  /** The runner has `manage-clients` there, and there is no policy. */
  addRealm(name: string): Promise<KeycloakRealm>;
  close(): Promise<void>;
}

/** Asks a server for JSON. */
export async function askJson(
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string },
): Promise<AdminAnswer> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
  const text = await answer.text();
  let body: unknown;
  try {
    body = text === "" ? undefined : JSON.parse(text);
  } catch {
    body = text;
  }
  return { status: answer.status, body };
}
