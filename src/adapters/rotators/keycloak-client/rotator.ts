import { placeOfUrl } from "../../../core/documents/check/provider-identity.ts";
import type { KeycloakConnection } from "../../../core/documents/connection.ts";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import { KeycloakClientProvider } from "../../../core/documents/provider.ts";
import { CreError } from "../../../core/model/errors.ts";
import type { BoundRotator, Rotator, RotatorPorts } from "../../../core/ports/rotator.ts";
import { peerUrl } from "../../clients/signed-http/peer-url.ts";
import { AdminApi } from "./admin-api.ts";
import { containSecret } from "./contain.ts";
import { adoptSecret, deactivateSecret, reactivateSecret, revokeSecret } from "./endings.ts";
import { issueSecret } from "./issue.ts";
import { preflight } from "./preflight.ts";
import { readClient } from "./sight.ts";
import type { Site } from "./site.ts";
import { verifySecret } from "./verify.ts";
import { refuseUnfit, versionsIn } from "./versions.ts";

/**
 * Secrets of a confidential client of Keycloak: it takes two, the current one and the one before it. The new one becomes
 * the current one, the former goes on for a while, is deactivated and removed. Keycloak does not say which of the two
 * somebody signed in with, so that there is no evidence of use.
 */
export const keycloakClientRotator: Rotator = {
  type: "keycloak-client",
  parameters: KeycloakClientProvider,
  parts: ["clientId", "clientSecret"],
  recipe: () => "overlap",
  identity: (credential, connection) => {
    const { connection: name, realm, clientId } = providerOf(credential);
    const url = connection(name)?.keycloak?.url;
    const place = url === undefined ? `connection ${name}` : placeOfUrl(url);
    return `keycloak-client/${place}/${realm}/${clientId}`;
  },
  objects: (credential) => [providerOf(credential).clientId],
  connections: (credential) => [providerOf(credential).connection],
  bind: async (name, credential, ports) => bound(siteOf(name, credential, ports)),
};

function bound(site: Site): BoundRotator {
  return {
    identity: site.identity,
    preflight: (signal) => preflight(site, signal),
    observe: async (signal) => {
      const sight = refuseUnfit(site, await readClient(site, false, signal));
      return versionsIn(sight, site.ports.clock.now()).map(({ version }) => version);
    },
    adopt: (version, mark, signal) => adoptSecret(site, version, mark, signal),
    issue: (mark, occupied, signal) => issueSecret(site, mark, occupied, signal),
    verify: (issued, signal) => verifySecret(site, issued, signal),
    deactivate: (version, fence, signal) => deactivateSecret(site, version, fence, signal),
    reactivate: (version, fence, signal) => reactivateSecret(site, version, fence, signal),
    revoke: (version, fence, signal) => revokeSecret(site, version, fence, signal),
    contain: (version, since, signal) => containSecret(site, version, since, signal),
    close: async () => site.api.forget(),
  };
}

function siteOf(credential: string, spec: CredentialSpec, ports: RotatorPorts): Site {
  const provider = providerOf(spec);
  const connection = connectionOf(credential, provider, ports);
  const url = peerUrl("keycloak", provider.connection, connection.url);
  const ca = connection.ca === undefined ? undefined : ports.readFile(connection.ca);
  const identity = keycloakClientRotator.identity(spec, (name) => ports.connection(name));
  const api = new AdminApi({ provider, connection, url, ca, ports });
  return { credential, identity, provider, connection, url, ca, api, ports };
}

function connectionOf(
  credential: string,
  { connection: name }: KeycloakClientProvider,
  ports: RotatorPorts,
): KeycloakConnection {
  const { keycloak } = ports.connection(name);
  if (keycloak !== undefined) return keycloak;
  throw new CreError(
    "connection-kind",
    `${credential} rotates over ${name}, which is no keycloak connection`,
    {
      fix: "name a connection with `keycloak`",
    },
  );
}

function providerOf(credential: CredentialSpec): KeycloakClientProvider {
  const provider = credential.provider?.["keycloak-client"];
  if (provider === undefined) throw new Error("bound to a credential of another provider");
  return provider;
}
