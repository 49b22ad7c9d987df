import type { ConnectionKind } from "../connection.ts";
import type { CredentialSpec } from "../credential.ts";
import { type DeliverEntry, deliverKind } from "../deliver.ts";
import { type Provider, providerKey } from "../provider.ts";
import type { FieldPath } from "./fault.ts";

/** One place of a credential that names a connection. */
export interface ConnectionUse {
  readonly name: string;
  readonly path: FieldPath;
  /** The kind that the connection must be of. */
  readonly kind: ConnectionKind;
  /** The runner logs in there as itself to change the credential. */
  readonly asAdmin: boolean;
  /** Objects at the other side that the document names: roles, users, clients, secrets. */
  readonly objects: readonly { readonly path: FieldPath; readonly names: readonly string[] }[];
  /** The account of the host whose keys are changed. */
  readonly account?: string;
}

/** Every connection that a credential names, with what for. */
export function connectionUses(spec: CredentialSpec): readonly ConnectionUse[] {
  const ofProvider = spec.provider === undefined ? [] : providerUses(spec.provider);
  const ofDeliveries = (spec.deliver ?? []).flatMap((entry, at) =>
    deliveryUses(entry, ["spec", "deliver", at]),
  );
  return [...ofProvider, ...ofDeliveries];
}

function providerUses(provider: Provider): readonly ConnectionUse[] {
  const key = providerKey(provider);
  const base = ["spec", "provider", key];
  const use = (kind: ConnectionKind, name: string, objects: ConnectionUse["objects"]): ConnectionUse[] => [
    { name, path: [...base, "connection"], kind, asAdmin: true, objects },
  ];
  const object = (field: string, ...names: string[]) => ({ path: [...base, field], names });

  if (provider.postgresql !== undefined) {
    const { connection, roles, ownerRole, verifyAt = [] } = provider.postgresql;
    const objects = roles.map((role, at) => ({ path: [...base, "roles", at], names: [role] }));
    const owner = ownerRole === undefined ? [] : [object("ownerRole", ownerRole)];
    const paths = verifyAt.map((name, at): ConnectionUse => {
      return { name, path: [...base, "verifyAt", at], kind: "postgresql", asAdmin: false, objects: [] };
    });
    return [...use("postgresql", connection, [...objects, ...owner]), ...paths];
  }
  if (provider["aws-iam"] !== undefined) {
    const { connection, user } = provider["aws-iam"];
    return use("aws", connection, [object("user", user)]);
  }
  if (provider.acme !== undefined) {
    const { connection, names } = provider.acme;
    const objects = names.map((name, at) => ({ path: [...base, "names", at], names: [name.toLowerCase()] }));
    return [...use("acme", connection, objects), ...challengeUses(provider.acme, base)];
  }
  if (provider.csr !== undefined) {
    const { connection, names } = provider.csr;
    const objects = names.map((name, at) => ({ path: [...base, "names", at], names: [name.toLowerCase()] }));
    return connection === undefined ? [] : use("webhook", connection, objects);
  }
  if (provider["authorized-keys"] !== undefined) {
    const { hosts, inventory, user } = provider["authorized-keys"];
    const at = (name: string, path: FieldPath): ConnectionUse => {
      return { name, path, kind: "ssh", asAdmin: true, objects: [], account: user };
    };
    if (inventory !== undefined) return [at(inventory.connection, [...base, "inventory", "connection"])];
    return (hosts ?? []).map((name, index) => at(name, [...base, "hosts", index]));
  }
  if (provider["entra-application"] !== undefined) {
    const { connection, applicationId } = provider["entra-application"];
    return use("entra", connection, [object("applicationId", applicationId)]);
  }
  if (provider["keycloak-client"] !== undefined) {
    const { connection, realm, clientId } = provider["keycloak-client"];
    return use("keycloak", connection, [object("clientId", clientId, `${realm}/${clientId}`)]);
  }
  if (provider.external !== undefined) {
    const { connection, object: name } = provider.external;
    return use("external", connection, [object("object", name)]);
  }
  return [];
}

/** What a CA's challenge is answered through. A zone of many names is bounded to the challenges of some. */
function challengeUses(
  { names, challenge }: NonNullable<Provider["acme"]>,
  base: FieldPath,
): readonly ConnectionUse[] {
  const { "http-01": http, "dns-01": dns } = challenge;
  const through = (
    kind: ConnectionKind,
    name: string,
    way: readonly string[],
    objects: ConnectionUse["objects"],
  ): ConnectionUse[] => [
    { name, path: [...base, "challenge", ...way, "connection"], kind, asAdmin: false, objects },
  ];
  if (http?.webroot !== undefined) {
    return through("ssh", http.webroot.connection, ["http-01", "webroot"], []);
  }
  if (dns?.webhook !== undefined) {
    return through("webhook", dns.webhook.connection, ["dns-01", "webhook"], []);
  }
  if (dns?.route53 === undefined) return [];
  const records = names.map((name, at) => {
    return {
      path: [...base, "names", at],
      names: [`_acme-challenge.${name.toLowerCase().replace(/^\*\./, "")}`],
    };
  });
  return through("aws", dns.route53.connection, ["dns-01", "route53"], records);
}

function deliveryUses(entry: DeliverEntry, base: FieldPath): readonly ConnectionUse[] {
  const key = deliverKind(entry);
  const use = (kind: ConnectionKind, name: string, field?: string, object?: string): ConnectionUse[] => [
    {
      name,
      path: [...base, key, "connection"],
      kind,
      asAdmin: false,
      objects:
        field === undefined || object === undefined ? [] : [{ path: [...base, key, field], names: [object] }],
    },
  ];

  if (entry.webhook !== undefined) return use("webhook", entry.webhook.connection);
  if (entry["kubernetes-secret"] !== undefined) {
    const { connection, namespace, name } = entry["kubernetes-secret"];
    return use("kubernetes", connection, "name", `${namespace}/${name}`);
  }
  if (entry["github-secret"] !== undefined) {
    const { connection, organisation, repository } = entry["github-secret"];
    return repository === undefined
      ? use("github", connection, "organisation", organisation)
      : use("github", connection, "repository", repository);
  }
  if (entry["aws-secrets-manager"] !== undefined) {
    const { connection, secretId } = entry["aws-secrets-manager"];
    return use("aws", connection, "secretId", secretId);
  }
  if (entry["aws-acm"] !== undefined) {
    return use("aws", entry["aws-acm"].connection, "certificateArn", entry["aws-acm"].certificateArn);
  }
  const ssm = entry["aws-ssm"];
  if (ssm === undefined) return [];
  const objects = Object.keys(ssm.values).map((name) => ({
    path: [...base, key, "values", name],
    names: [name],
  }));
  return [{ name: ssm.connection, path: [...base, key, "connection"], kind: "aws", asAdmin: false, objects }];
}
