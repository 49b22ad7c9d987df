import { accountKey } from "../../authorized-keys/account.ts";
import { accountOfRole, type Connection } from "../connection.ts";
import type { Credential } from "../credential.ts";
import type { Sourced } from "../kinds.ts";
import type { Provider } from "../provider.ts";
import { isLocalHost } from "./connections.ts";
import type { CheckInput, Fault, FieldPath } from "./fault.ts";
import { shown } from "./shown.ts";

/** One thing at a provider that a document is about. */
export interface Claim {
  readonly identity: string;
  readonly path: FieldPath;
  /** The object, for people. */
  readonly name: string;
  /** The identity of the whole that it is a part of: who claims that claims all of its parts. */
  readonly within?: string;
}

type Connections = ReadonlyMap<string, Sourced<Connection>>;

/**
 * Each provider identity is claimed by one credential only: two that rotate the same role, user or client would cut
 * each other off. A place is the same through whatever connection it is reached, as far as documents can tell.
 */
export function checkProviderIdentities({ documents }: CheckInput): readonly Fault[] {
  const claimed = new Map<string, Sourced<Credential>>();
  const parts = new Map<string, Sourced<Credential>>();
  return [...documents.credentials.values()].flatMap((source) => {
    const { provider, handle } = source.document.spec;
    if (provider === undefined) return [];
    return claimsOf(provider, handle, documents.connections).flatMap((claim): Fault[] => {
      const { identity, within } = claim;
      const whole = (within === undefined ? undefined : claimed.get(within)) ?? parts.get(identity);
      const first = claimed.get(identity) ?? whole;
      if (within !== undefined && !parts.has(within)) parts.set(within, source);
      if (first === undefined) {
        claimed.set(identity, source);
        return [];
      }
      if (first === source) return [];
      return [
        {
          source,
          path: claim.path,
          code: "identity-twice",
          message: `${shown(claim.name)} is already claimed by the credential ${shown(first.document.metadata.name)} (${first.file}:${first.line})`,
          fix:
            whole === undefined
              ? "keep one of the two documents: each object at a provider belongs to one credential"
              : "give both documents the `handle` of their own key: without it the whole file belongs to one",
        },
      ];
    });
  });
}

/** Host and port as one text, equal for names of the same place that differ only in writing. */
export function placeOf(host: string, port: number): string {
  const name = host.toLowerCase().replace(/\.$/, "");
  return `${isLocalHost(name) && !name.startsWith("/") ? "loopback" : name}:${port}`;
}

/** A server by its URL as one text, equal for addresses of the same place that differ only in writing. */
export function placeOfUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null) return text;
  const { protocol, hostname, port, pathname, search } = url;
  const standard = protocol === "https:" ? 443 : 80;
  const host = placeOf(hostname, port === "" ? standard : Number(port));
  return `${protocol}//${host}${pathname.replace(/\/+$/, "")}${search}`;
}

/** The names of a certificate as one text, equal for lists that name the same. */
export function namesAsOne(names: readonly string[]): string {
  return [...new Set(names.map((name) => name.toLowerCase()))].toSorted().join(", ");
}

/** What a document's provider names, each by an identity that is equal for whoever names the same thing. */
export function claimsOf(
  provider: Provider,
  handle: string | undefined,
  connections: Connections,
): readonly Claim[] {
  const spec = (name: string) => connections.get(name)?.document.spec;
  if (provider.postgresql !== undefined) {
    const { connection, roles } = provider.postgresql;
    const server = spec(connection)?.postgresql;
    const place =
      server === undefined ? `connection ${connection}` : placeOf(server.host, server.port ?? 5432);
    return roles.map((role, at) => {
      return {
        identity: `postgresql/${place}/${role}`,
        path: ["spec", "provider", "postgresql", "roles", at],
        name: role,
      };
    });
  }
  if (provider["aws-iam"] !== undefined) {
    const { connection, user } = provider["aws-iam"];
    const aws = spec(connection)?.aws;
    const account = accountOfRole(aws?.assumeRole) ?? `connection ${connection}`;
    return claim("aws-iam", `${aws?.endpoint ?? ""}${account}`, "user", user);
  }
  if (provider.acme !== undefined) {
    const { connection, names } = provider.acme;
    const directory = spec(connection)?.acme?.directory;
    const place = directory === undefined ? `connection ${connection}` : placeOfUrl(directory);
    return claim("acme", place, "names", namesAsOne(names));
  }
  if (provider.csr !== undefined) return claim("csr", "any CA", "names", namesAsOne(provider.csr.names));
  if (provider["authorized-keys"] !== undefined) {
    const { hosts, inventory, user } = provider["authorized-keys"];
    const base = ["spec", "provider", "authorized-keys"];
    const keysOf = (place: string): Pick<Claim, "identity" | "within"> => ({
      identity: accountKey(place, user, handle),
      ...(handle === undefined ? {} : { within: accountKey(place, user, undefined) }),
    });
    if (inventory !== undefined) {
      const name = `${user} on ${inventory.file}`;
      return [{ ...keysOf(`inventory ${inventory.file}`), path: [...base, "inventory"], name }];
    }
    return (hosts ?? []).map((host, at) => {
      const ssh = spec(host)?.ssh;
      const place = ssh?.host === undefined ? `connection ${host}` : placeOf(ssh.host, ssh.port ?? 22);
      return Object.assign(keysOf(place), { path: [...base, "hosts", at], name: `${user} on ${host}` });
    });
  }
  if (provider["entra-application"] !== undefined) {
    const { connection, applicationId } = provider["entra-application"];
    const tenant = spec(connection)?.entra?.tenant.toLowerCase() ?? `connection ${connection}`;
    return claim("entra-application", tenant, "applicationId", applicationId.toLowerCase());
  }
  if (provider["keycloak-client"] !== undefined) {
    const { connection, realm, clientId } = provider["keycloak-client"];
    const url = spec(connection)?.keycloak?.url;
    const place = url === undefined ? `connection ${connection}` : placeOfUrl(url);
    return claim("keycloak-client", `${place}/${realm}`, "clientId", clientId);
  }
  if (provider.external !== undefined) {
    const { connection, object } = provider.external;
    const url = spec(connection)?.external?.url;
    const place = url === undefined ? `connection ${connection}` : placeOfUrl(url);
    return claim("external", place, "object", object);
  }
  return [];
}

function claim(key: keyof Provider, place: string, field: string, name: string): Claim[] {
  return [{ identity: `${key}/${place}/${name}`, path: ["spec", "provider", key, field], name }];
}
