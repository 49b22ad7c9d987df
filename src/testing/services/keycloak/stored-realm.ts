import type { RotationPolicy, RunnerRole } from "./keycloak-server.ts";
import type { StoredClient } from "./stored-client.ts";

/** A realm of the stand-in. */
export interface StoredRealm {
  readonly name: string;
  readonly clients: StoredClient[];
  roles: ReadonlySet<RunnerRole>;
  policy: RotationPolicy | undefined;
}

/** What the stand-in answers to one request. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}
