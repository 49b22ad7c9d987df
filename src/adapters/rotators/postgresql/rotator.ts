import type { CredentialSpec } from "../../../core/documents/credential.ts";
import { PostgresqlProvider } from "../../../core/documents/provider.ts";
import { CreError } from "../../../core/model/errors.ts";
import type { BoundRotator, Rotator, RotatorPorts } from "../../../core/ports/rotator.ts";
import { doorOf, placeOfConnection, postgresqlOf } from "../../clients/postgresql/door.ts";
import { Attempts } from "./attempts.ts";
import { adoptRole, applyInPlace, deactivateRole, issueIdle, reactivateRole, revokeRole } from "./effects.ts";
import { PARTS } from "./parts.ts";
import { preflight } from "./preflight.ts";
import { containVersion, observeRoles, useOfVersion, verifyIssued } from "./sights.ts";
import type { Site } from "./site.ts";

/**
 * Passwords of PostgreSQL roles. Two roles alternate: the idle one gets the next password while the other one works.
 * One role is changed in place. The server is only ever sent SCRAM verifiers.
 */
export const postgresqlRotator: Rotator = {
  type: "postgresql",
  parameters: PostgresqlProvider,
  parts: PARTS,
  recipe: (credential) => (providerOf(credential).roles.length === 2 ? "alternate" : "in-place"),
  identity: (credential, connection) => {
    const { connection: name, roles } = providerOf(credential);
    return identityOf(placeOfConnection(postgresqlOf(name, connection(name))), roles);
  },
  objects: (credential) => {
    const { roles, ownerRole } = providerOf(credential);
    return ownerRole === undefined ? roles : [...roles, ownerRole];
  },
  connections: (credential) => {
    const { connection, verifyAt = [] } = providerOf(credential);
    return [connection, ...verifyAt];
  },
  bind: async (name, credential, ports) =>
    bound(siteOf(name, providerOf(credential), ports), new Attempts(ports.random)),
};

function bound(site: Site, attempts: Attempts): BoundRotator {
  const common = {
    identity: site.identity,
    preflight: (signal) => preflight(site, signal),
    observe: (signal) => observeRoles(site, signal),
    adopt: (version, mark, signal) => adoptRole(site, version, mark, signal),
    verify: (issued, signal) => verifyIssued(site, attempts, issued, signal),
    inUse: (version, since, signal) => useOfVersion(site, version, since, signal),
    deactivate: (version, fence, signal) => deactivateRole(site, version, fence, signal),
    reactivate: (version, fence, signal) => reactivateRole(site, version, fence, signal),
    revoke: (version, fence, signal) => revokeRole(site, version, fence, signal),
    contain: (version, since, signal) => containVersion(site, attempts, version, since, signal),
    close: async () => attempts.forget(),
  } satisfies BoundRotator;
  if (!site.inPlace) {
    return {
      ...common,
      issue: (mark, occupied, signal) => issueIdle(site, attempts, mark, occupied, signal),
    };
  }
  return {
    ...common,
    generate: async (mark, current) => attempts.candidate(site, mark, current.slot),
    apply: (issued, fence, signal) => applyInPlace(site, attempts, issued, fence, signal),
  };
}

function siteOf(credential: string, provider: PostgresqlProvider, ports: RotatorPorts): Site {
  const spec = ports.connection(provider.connection);
  const connection = postgresqlOf(provider.connection, spec);
  const { admin } = connection;
  if (admin === undefined) {
    throw new CreError("admin-missing", `the connection ${provider.connection} has no admin login`, {
      fix: "add `admin: { user, password }`; only connections under `verifyAt` may go without",
    });
  }
  const door = doorOf(provider.connection, spec, ports);
  const paths = (provider.verifyAt ?? []).map((name) => doorOf(name, ports.connection(name), ports));
  return {
    credential,
    provider,
    identity: identityOf(placeOfConnection(connection), provider.roles),
    inPlace: provider.roles.length === 1,
    door,
    paths: paths.length === 0 ? [door] : paths,
    clock: ports.clock,
    progress: ports.progress,
    adminUser: admin.user,
    adminLogin: async (database) => ({
      user: admin.user,
      password: await ports.secrets.read(admin.password),
      database: database ?? connection.database ?? provider.database,
      application: "cre",
    }),
  };
}

function identityOf(place: string, roles: readonly string[]): string {
  return `postgresql/${place}/${roles.toSorted().join("+")}`;
}

function providerOf(credential: CredentialSpec): PostgresqlProvider {
  const provider = credential.provider?.postgresql;
  if (provider === undefined) throw new Error("bound to a credential of another provider");
  return provider;
}
