import type { PostgresqlDiscovery } from "../../../core/documents/discovery.ts";
import type { DiscoverySource } from "../../../core/ports/discovery.ts";
import { openServer } from "./server.ts";

/** Roles that log in with a password at PostgreSQL servers. */
export const postgresqlSource: DiscoverySource<PostgresqlDiscovery> = {
  kind: "postgresql",
  connections: connectionsOf,
  open: async (entry, ports) => connectionsOf(entry).map((name) => openServer(name, ports)),
};

function connectionsOf({ connection, connections = [] }: PostgresqlDiscovery): readonly string[] {
  return [...new Set(connection === undefined ? connections : [connection, ...connections])];
}
