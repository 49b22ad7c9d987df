import { isIP } from "node:net";
import type { ConnectionSpec, PostgresqlConnection } from "../../../core/documents/connection.ts";
import { CreError } from "../../../core/model/errors.ts";
import type { RotatorPorts } from "../../../core/ports/rotator.ts";

const DEFAULT_PORT = 5432;

/** One address at which the server, or a pooler before it, takes logins. */
export interface Door {
  /** The name of its Connection document. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** How the server must prove who it is; absent: plain, allowed on loopback and sockets only. */
  readonly tls: { readonly ca: string | undefined; readonly serverName: string } | undefined;
}

/**
 * Reads a Connection. TLS with a verified name is the rule; `tls.mode: disable` is refused unless the host is loopback
 * or a socket folder, and a socket, which never has TLS, refuses the demand for it.
 */
export function doorOf(name: string, spec: ConnectionSpec, files: Pick<RotatorPorts, "readFile">): Door {
  const connection = postgresqlOf(name, spec);
  const { host, tls } = connection;
  const port = connection.port ?? DEFAULT_PORT;
  const socket = host.startsWith("/");
  if (tls?.mode === "disable" && !socket && !isLoopback(host)) {
    throw new CreError("tls-required", `the connection ${name} switches TLS off for ${host}`, {
      evidence: "anybody on the way could read and change what is sent",
      fix: "remove `mode: disable` (and name the CA in `tls.ca`); only loopback and sockets may go without TLS",
    });
  }
  if (socket && tls?.mode === "verify-full") {
    throw new CreError("tls-on-socket", `the connection ${name} asks for TLS on a socket, which has none`, {
      fix: "write `tls: { mode: disable }`, or the host's name",
    });
  }
  if (socket || tls?.mode === "disable") return { name, host, port, tls: undefined };
  const ca = tls?.ca === undefined ? undefined : files.readFile(tls.ca);
  return { name, host, port, tls: { ca, serverName: tls?.serverName ?? host } };
}

export function postgresqlOf(name: string, spec: ConnectionSpec | undefined): PostgresqlConnection {
  if (spec?.postgresql !== undefined) return spec.postgresql;
  throw new CreError("connection-kind", `the connection ${name} is not a postgresql one`, {
    fix: "name a Connection that has `postgresql:`",
  });
}

/** `host:port` as people write it and as evidence names a place. */
export function placeOf({ host, port }: Pick<Door, "host" | "port">): string {
  const shown = isIP(host) === 6 ? `[${host}]` : host;
  return `${shown.toLowerCase()}:${port}`;
}

/** The provider's place of a Connection, without reading its files. */
export function placeOfConnection({ host, port }: PostgresqlConnection): string {
  return placeOf({ host, port: port ?? DEFAULT_PORT });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
