import { externalPostgres } from "./external-servers.ts";
import { adminOf, postgresVersions, startPostgres, type TestPostgres } from "./postgresql.ts";

export interface PostgresServer {
  readonly name: string;
  readonly start: () => Promise<TestPostgres>;
}

/**
 * For what must hold on every server, and needs no settings, log or files of a server of one's own: those that we can
 * start, and those that somebody else started (`CRE_TEST_POSTGRESQL_URLS`).
 */
export function postgresServers(): readonly PostgresServer[] {
  return [
    ...postgresVersions().map((version) => ({
      name: version,
      start: async () => startPostgres({ version }),
    })),
    ...externalPostgres().map(({ name, url }) => ({ name, start: async () => attached(url) })),
  ];
}

/** A server that goes on running, and whose log is not ours to read. */
function attached(url: string): TestPostgres {
  const { hostname, port, username, password } = new URL(url);
  const login = {
    host: hostname,
    port: Number(port || "5432"),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
  return {
    host: login.host,
    port: login.port,
    superuser: login.user,
    password: login.password,
    url,
    logText: () => {
      throw new Error("the log of a server that the tests did not start cannot be read");
    },
    admin: adminOf(login),
    stop: async () => undefined,
  };
}
