import { accountRefusal } from "../../../core/authorized-keys/account.ts";
import type { ConnectionSpec, SshConnection } from "../../../core/documents/connection.ts";
import type { AuthorizedKeysProvider } from "../../../core/documents/provider.ts";
import { CreError } from "../../../core/model/errors.ts";
import type { RotatorPorts } from "../../../core/ports/rotator.ts";
import { readInventory } from "../../clients/ssh/inventory.ts";
import type { SshTarget } from "../../clients/ssh/session.ts";

/** The hosts that a document is about, each let in by its connection. Rejects with a CreError that names what is wrong. */
export function targetsOf(
  provider: AuthorizedKeysProvider,
  ports: Pick<RotatorPorts, "connection" | "readFile">,
): readonly SshTarget[] {
  const targets = namedTargets(provider, ports);
  const names = new Map<string, string>();
  for (const { name, connection, host } of targets) {
    const place = `${(host?.name ?? connection.host ?? "").toLowerCase().replace(/\.$/, "")}:${host?.port ?? connection.port ?? 22}`;
    const other = names.get(place);
    if (other !== undefined) throw hostTwice(name, other, place);
    names.set(place, name);
  }
  return targets;
}

function namedTargets(
  { hosts, inventory, user }: AuthorizedKeysProvider,
  ports: Pick<RotatorPorts, "connection" | "readFile">,
): readonly SshTarget[] {
  if (inventory === undefined) {
    return (hosts ?? []).map((name) => {
      const spec = ports.connection(name);
      const connection = sshOf(name, spec);
      if (connection.host === undefined) throw withoutHost(name);
      refuseAccount(name, spec, user, connection.host);
      return { name, connection };
    });
  }
  const name = inventory.connection;
  const spec = ports.connection(name);
  const connection = sshOf(name, spec);
  return readInventory(ports.readFile(inventory.file), inventory.file).map((host) => {
    refuseAccount(name, spec, user, host.name);
    return {
      name: host.text,
      connection,
      host: { name: host.name, port: host.port ?? connection.port ?? 22 },
    };
  });
}

function sshOf(name: string, spec: ConnectionSpec | undefined): SshConnection {
  if (spec?.ssh !== undefined) return spec.ssh;
  throw new CreError("connection-kind", `the connection ${name} is none for SSH`);
}

function refuseAccount(name: string, { allow }: ConnectionSpec, user: string, host: string): void {
  const problem = accountRefusal(allow?.objects, user, host);
  if (problem === undefined) return;
  throw new CreError(problem.code, `the connection ${name} ${problem.message}`, { fix: problem.fix });
}

function withoutHost(name: string): CreError {
  return new CreError("host-missing", `the connection ${name} names no host`, {
    fix: "give it `host`, or use it as `inventory.connection`",
  });
}

/** Its file would be changed twice, and the second change would find what it does not expect. */
function hostTwice(name: string, other: string, place: string): CreError {
  return new CreError("host-twice", `${name} and ${other} are the same host ${place}`, {
    fix: "name each host once",
  });
}
