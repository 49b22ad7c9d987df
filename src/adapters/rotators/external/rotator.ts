import { placeOfUrl } from "../../../core/documents/check/provider-identity.ts";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import { Provider } from "../../../core/documents/provider.ts";
import type { BoundRotator, Rotator, RotatorPorts } from "../../../core/ports/rotator.ts";
import {
  adoptVersion,
  containVersion,
  deactivateVersion,
  issueVersion,
  reactivateVersion,
  revokeVersion,
} from "./effects.ts";
import { LIMITS, type Limits, Peer } from "./peer.ts";
import { describe, inUse, observe, preflight, verify } from "./questions.ts";

type ExternalProvider = NonNullable<Provider["external"]>;

/**
 * Anything that speaks the signed HTTPS contract of `.github/docs/external.md`: a team's own rotator. What is optional
 * there is asked for when a credential is bound, so that the engine never plans what the server cannot do.
 */
export const externalRotator: Rotator = createExternalRotator(LIMITS);

/** The rotator with other limits for an exchange. */
export function createExternalRotator(limits: Limits): Rotator {
  return {
    type: "external",
    parameters: Provider.properties.external,
    // The server says which: known only to a bound one.
    parts: [],
    recipe: () => "overlap",
    identity: (credential, connection) => {
      const { connection: name, object } = providerOf(credential);
      return identityOf(name, connection(name)?.external?.url, object);
    },
    objects: (credential) => [providerOf(credential).object],
    connections: (credential) => [providerOf(credential).connection],
    bind: async (name, credential, ports, signal) => bind({ name, credential, ports, limits }, signal),
  };
}

interface Binding {
  readonly name: string;
  readonly credential: CredentialSpec;
  readonly ports: RotatorPorts;
  readonly limits: Limits;
}

async function bind(
  { name, credential, ports, limits }: Binding,
  signal: AbortSignal,
): Promise<BoundRotator> {
  const provider = providerOf(credential);
  const peer = new Peer(name, provider, ports, limits);
  const description = await describe(peer, signal);
  const can = (operation: string) => description.operations.has(operation);
  return {
    identity: identityOf(
      provider.connection,
      ports.connection(provider.connection).external?.url,
      provider.object,
    ),
    preflight: (signal) => preflight(peer, description, credential, signal),
    observe: (signal) => observe(peer, signal),
    adopt: (version, mark, signal) => adoptVersion(peer, version, mark, signal),
    issue: (mark, occupied, signal) => issueVersion(peer, description, mark, occupied, signal),
    verify: (issued, signal) => verify(peer, description, issued, ports.pause, signal),
    revoke: (version, fence, signal) => revokeVersion(peer, version, fence, signal),
    ...(can("in-use") && { inUse: (version, since, signal) => inUse(peer, version, since, signal) }),
    ...(can("deactivate") && {
      deactivate: (version, fence, signal) => deactivateVersion(peer, version, fence, signal),
      reactivate: (version, fence, signal) => reactivateVersion(peer, version, fence, signal),
    }),
    ...(can("contain") && {
      contain: (version, since, signal) => containVersion(peer, version, since, signal),
    }),
    close: async () => peer.known.forget(),
  };
}

function identityOf(connection: string, url: string | undefined, object: string): string {
  return `external/${url === undefined ? `connection ${connection}` : placeOfUrl(url)}/${object}`;
}

function providerOf(credential: CredentialSpec): ExternalProvider {
  const provider = credential.provider?.external;
  if (provider === undefined) throw new Error("bound to a credential of another provider");
  return provider;
}
