import type { ConnectionSpec, SshConnection } from "../../../core/documents/connection.ts";
import type { AuthorizedKeysDiscovery } from "../../../core/documents/discovery.ts";
import { CreError } from "../../../core/model/errors.ts";
import type { DiscoveryPorts } from "../../../core/ports/discovery.ts";
import { readInventory } from "../../clients/ssh/inventory.ts";
import type { SshTarget } from "../../clients/ssh/session.ts";

/** The hosts of an entry, in its order. Rejects with a CreError that names what is wrong. */
export function hostsOf(
  { connections = [], inventory }: AuthorizedKeysDiscovery,
  ports: Pick<DiscoveryPorts, "connection" | "readFile">,
): readonly SshTarget[] {
  if (inventory === undefined) {
    return [...new Set(connections)].map((name) => {
      const connection = sshOf(name, ports.connection(name));
      if (connection.host !== undefined) return { name, connection };
      throw new CreError("host-missing", `the connection ${name} names no host`, {
        fix: "give it `host`, or use it as `inventory.connection`",
      });
    });
  }
  const connection = sshOf(inventory.connection, ports.connection(inventory.connection));
  return readInventory(ports.readFile(inventory.file), inventory.file).map(({ text, name, port }) => ({
    name: text,
    connection,
    host: { name, port: port ?? connection.port ?? 22 },
  }));
}

/** Host and port of a target as one text, equal for names that differ only in writing. */
export function placeOfTarget({ connection, host }: SshTarget): string {
  return placeOfHost(host?.name ?? connection.host ?? "", host?.port ?? connection.port);
}

export function placeOfHost(host: string, port: number | undefined): string {
  return `${host.toLowerCase().replace(/\.$/, "")}:${port ?? 22}`;
}

function sshOf(name: string, spec: ConnectionSpec): SshConnection {
  if (spec.ssh !== undefined) return spec.ssh;
  throw new CreError("connection-kind", `the connection ${name} is none for SSH`);
}
