import type { PostgresqlProvider } from "../../../core/documents/provider.ts";
import type { Clock, Progress } from "../../../core/ports/runtime.ts";
import type { Door } from "../../clients/postgresql/door.ts";
import type { Login } from "../../clients/postgresql/session.ts";
import type { PublicParts } from "./parts.ts";

/** A credential with everything it needs to reach its roles. */
export interface Site {
  readonly credential: string;
  readonly provider: PostgresqlProvider;
  readonly identity: string;
  readonly inPlace: boolean;
  /** Where the admin signs in and effects happen. */
  readonly door: Door;
  /** Where consumers sign in: `verifyAt`, else the same door. Never empty. */
  readonly paths: readonly Door[];
  readonly clock: Clock;
  readonly progress: Pick<Progress, "warn">;
  readonly adminUser: string;
  /** The admin's login, its password read anew each time; to another database if one is given. */
  adminLogin(database?: string): Promise<Login>;
}

/** What consumers of a role are told beside the password: the first path they take. */
export function publicParts({ paths, door, provider }: Site, role: string): PublicParts {
  const { host, port } = paths[0] ?? door;
  return { username: role, host, port, database: provider.database };
}
