import { accountRefusal } from "../../../core/authorized-keys/account.ts";
import type { ConnectionSpec, SshConnection } from "../../../core/documents/connection.ts";
import type { AuthorizedKeysProvider } from "../../../core/documents/provider.ts";
import { CreError } from "../../../core/model/errors.ts";
import type { RotatorPorts } from "../../../core/ports/rotator.ts";
import type { SshTarget } from "../../clients/ssh/session.ts";

const INVENTORY_LIMIT = 500;
const HOST = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,253})(?::(\d{1,5}))?$/;

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

interface InventoryHost {
  readonly text: string;
  readonly name: string;
  readonly port: number | undefined;
}

/** One host in each line, `#` begins a comment. Twice the same host is an error, as is anything else than hosts. */
export function readInventory(text: string, path: string): readonly InventoryHost[] {
  const hosts = new Map<string, InventoryHost>();
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const words = line.replace(/(^|\s)#.*$/, "").trim();
    if (words === "") continue;
    const [, name, port] = HOST.exec(words) ?? [];
    const number = port === undefined ? undefined : Number(port);
    if (name === undefined || (number !== undefined && (number < 1 || number > 65_535))) {
      throw new CreError("inventory", `${path}:${at + 1}: this is no \`host\` or \`host:port\``);
    }
    const key = words.toLowerCase();
    if (hosts.has(key)) throw new CreError("inventory", `${path}:${at + 1}: ${words} stands there twice`);
    hosts.set(key, { text: words, name: name.replaceAll(/[[\]]/g, ""), port: number });
  }
  if (hosts.size > 0 && hosts.size <= INVENTORY_LIMIT) return [...hosts.values()];
  const problem = hosts.size === 0 ? "no host" : `${hosts.size} hosts, and ${INVENTORY_LIMIT} is the most`;
  throw new CreError("inventory", `${path} names ${problem}`);
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
