import type { KeycloakConnection } from "../../../core/documents/connection.ts";
import type { KeycloakClientProvider } from "../../../core/documents/provider.ts";
import { durationSeconds } from "../../../core/model/instant.ts";
import type { RotatorPorts } from "../../../core/ports/rotator.ts";
import type { AdminApi } from "./admin-api.ts";

/** One client of one realm, and how the runner reaches it. */
export interface Site {
  readonly credential: string;
  readonly identity: string;
  readonly provider: KeycloakClientProvider;
  readonly connection: KeycloakConnection;
  /** The base URL, without a slash at its end. */
  readonly url: URL;
  readonly ca: string | undefined;
  readonly api: AdminApi;
  readonly ports: RotatorPorts;
}

/** How long the former secret lives beside the new one when the document does not say. */
const OLD_LIVES = "30d";

/** Seconds that the former secret lives after it was replaced. */
export function oldLives({ provider }: Pick<Site, "provider">): number {
  return durationSeconds(provider.oldLives ?? OLD_LIVES);
}
