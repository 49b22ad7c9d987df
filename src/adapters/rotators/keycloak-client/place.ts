import type { KeycloakClientProvider } from "../../../core/documents/provider.ts";

/** The realm that a connection signs in to when it names none: Keycloak's own. */
export const MASTER = "master";

/** The words for people: which client, through which connection. */
export function placeOf({ provider }: { readonly provider: KeycloakClientProvider }): string {
  return `the client ${provider.clientId} in the realm ${provider.realm} of keycloak ${provider.connection}`;
}

/** An address below a server's base URL. */
export function below(url: URL, path: string): URL {
  return new URL(`${url.pathname.replace(/\/+$/, "")}${path}`, url);
}

/** An endpoint of a realm. */
export function realmUrl(url: URL, realm: string, path: string): URL {
  return below(url, `/realms/${encodeURIComponent(realm)}/protocol/openid-connect/${path}`);
}
