import { CONNECTION_KINDS, type Connection } from "../connection.ts";
import type { Sourced } from "../kinds.ts";
import { applyRules } from "./apply-rules.ts";
import type { CheckInput, Fault, FieldPath } from "./fault.ts";
import { shown } from "./shown.ts";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;

/** Each connection by itself: TLS is off only where nobody can listen, and an admin login is bounded. */
export function checkConnections(input: CheckInput): readonly Fault[] {
  return applyRules(input.documents.connections.values(), input, [tlsFaults, adminFaults, openWarning]);
}

/** Whether a host is this machine: its loopback or a socket folder. */
export function isLocalHost(host: string): boolean {
  return host.startsWith("/") || LOOPBACK.test(host);
}

function tlsFaults(source: Sourced<Connection>): Fault[] {
  const { postgresql } = source.document.spec;
  if (postgresql?.tls?.mode !== "disable" || isLocalHost(postgresql.host)) return [];
  return [
    {
      source,
      path: ["spec", "postgresql", "tls", "mode"],
      code: "tls-disabled",
      message: `TLS is off for ${shown(postgresql.host)}, which is neither loopback nor a socket: passwords would be readable on the way`,
      fix: "remove `mode`, and give the CA of the server as `ca` if it is not a public one",
    },
  ];
}

function adminFaults(source: Sourced<Connection>): Fault[] {
  const { postgresql, allow } = source.document.spec;
  if (postgresql?.admin === undefined || allow?.objects !== undefined) return [];
  const path: FieldPath = allow === undefined ? ["spec"] : ["spec", "allow"];
  return [
    {
      source,
      path,
      at: "key",
      code: "objects-missing",
      message: "a connection with an admin login must say which roles a document may name",
      fix: 'add `allow: { objects: ["NAME_*"] }` with the roles that may be rotated',
    },
  ];
}

/** The runner's own rights at the other side, usable by every team that can write a document. */
function openWarning(source: Sourced<Connection>): Fault[] {
  const { spec } = source.document;
  const kind = CONNECTION_KINDS.find((key) => spec[key] !== undefined);
  if (spec.allow !== undefined || kind === undefined || kind === "webhook" || kind === "acme") return [];
  if (kind === "postgresql") return [];
  return [
    {
      source,
      path: ["spec", kind],
      at: "key",
      code: "connection-open",
      message: "every document of the registry may use the runner's login of this connection",
      fix: "add `allow` with the names, services or objects it is for",
      warning: true,
    },
  ];
}
