import { findKeycloak } from "./find-keycloak.ts";
import type { KeycloakServer } from "./keycloak-server.ts";
import { startRealKeycloak } from "./real-server.ts";
import { startKeycloakStandIn } from "./stand-in.ts";

/** What can be started here: the stand-in always, the real Keycloak where it is. */
export function keycloakServers(): readonly {
  readonly name: string;
  readonly isReal: boolean;
  readonly start: () => Promise<KeycloakServer>;
}[] {
  const folder = findKeycloak();
  return [
    { name: "the stand-in", isReal: false, start: startKeycloakStandIn },
    ...(folder === undefined
      ? []
      : [{ name: "the real Keycloak", isReal: true, start: async () => startRealKeycloak(folder) }]),
  ];
}
