import type { PostgresqlDiscovery } from "../../../core/documents/discovery.ts";
import type { DiscoverySource } from "../../../core/ports/discovery.ts";
import { openServer } from "./server.ts";

/** Roles of one answer; a look goes on behind the last one. */
const PAGE = 500;

/** Roles that log in with a password at PostgreSQL servers. */
export const postgresqlSource = createPostgresqlSource(PAGE);

/** The source with answers of another size. */
export function createPostgresqlSource(page: number): DiscoverySource<PostgresqlDiscovery> {
  return {
    kind: "postgresql",
    connections: connectionsOf,
    open: async (entry, ports) => connectionsOf(entry).map((name) => openServer(name, ports, page)),
  };
}

function connectionsOf({ connection, connections = [] }: PostgresqlDiscovery): readonly string[] {
  return [...new Set(connection === undefined ? connections : [connection, ...connections])];
}
