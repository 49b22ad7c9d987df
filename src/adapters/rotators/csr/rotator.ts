import { endpointOf } from "../../../core/certificates/endpoint.ts";
import {
  hasOlder,
  lookAtEndpoints,
  refuseUnseen,
  type Served,
  servedAnywhere,
  servedBefore,
  servedEverywhere,
  servedEvidence,
  standing,
} from "../../../core/certificates/standing.ts";
import { namesAsOne } from "../../../core/documents/check/provider-identity.ts";
import type { CredentialSpec } from "../../../core/documents/credential.ts";
import { CsrProvider } from "../../../core/documents/provider.ts";
import type { BoundRotator, ObservedVersion, Rotator, RotatorPorts } from "../../../core/ports/rotator.ts";
import { collect } from "./collect.ts";
import { formerVersion } from "./former-version.ts";
import { handleOf, makeRequest } from "./request.ts";
import { certificateSource } from "./source.ts";

const UNSEEN: Served = { leaves: [], blind: [] };

/**
 * Certificates of any CA: the key is made here and handed to the targets at once, its signing request goes on record,
 * people or a service have it signed, and the targets get the certificate with the promotion.
 */
export const csrRotator: Rotator = {
  type: "csr",
  parameters: CsrProvider,
  parts: ["privateKey", "certificate", "chain", "fullchain"],
  recipe: () => "signed",
  identity: (credential) => identityOf(providerOf(credential)),
  objects: (credential) => providerOf(credential).names,
  connections: (credential) => {
    const { connection } = providerOf(credential);
    return connection === undefined ? [] : [connection];
  },
  bind: async (name, credential, ports) => bound(name, credential, ports),
};

function providerOf({ provider }: CredentialSpec): CsrProvider {
  if (provider?.csr === undefined) throw new Error("bound to a credential of another provider");
  return provider.csr;
}

function identityOf({ names }: CsrProvider): string {
  return `csr/any CA/${namesAsOne(names)}`;
}

function bound(name: string, credential: CredentialSpec, ports: RotatorPorts): BoundRotator {
  const provider = providerOf(credential);
  const source = certificateSource(name, provider, ports);
  const endpoints = (credential.endpoints ?? []).map(endpointOf);
  // Only to tell an old one from a stranger's where either is still served.
  let known: ReadonlySet<string> = new Set();
  const served = async (signal: AbortSignal) => lookAtEndpoints(endpoints, ports.scanEndpoint, signal);
  return {
    identity: identityOf(provider),
    // A key is made from nothing but randomness; that its targets can complete it is checked with the documents.
    preflight: async (signal) => refuseUnseen(name, await served(signal)),
    observe: async (signal, recorded = []) => {
      known = new Set(recorded.map(({ handle }) => handle));
      const now = ports.clock.now();
      if (recorded.length > 0) {
        const seen = hasOlder(recorded) ? await served(signal) : UNSEEN;
        return standing(recorded, seen, handleOf, now);
      }
      const before = servedBefore(await served(signal), handleOf, ({ facts }) => handleOf(facts));
      return before.length > 0 ? before : formerVersion(source, now);
    },
    // A certificate carries no mark: what is known of it is its key, which nobody else has.
    adopt: async () => undefined,
    issue: async () => makeRequest(provider, ports.clock),
    collect: async (request, signal) => collect(source, provider.names, request, ports.clock.now(), signal),
    verify: async () => undefined,
    ...(endpoints.length > 0 && {
      inUse: async (version: ObservedVersion, _: unknown, signal: AbortSignal) =>
        servedAnywhere(version, await served(signal), handleOf, ports.clock.now()),
      inUseEverywhere: async (version: ObservedVersion, signal: AbortSignal) =>
        servedEverywhere(version, await served(signal), handleOf, known, ports.clock.now()),
    }),
    // It ends by not being served any more; only its CA could revoke it.
    revoke: async () => undefined,
    contain: async (version, _, signal) => [
      ...servedEvidence(version, await served(signal), handleOf),
      {
        place: `CA of ${version.handle}`,
        dead: false,
        detail: `ask the CA behind ${source.label} to revoke every certificate of this key for key compromise: this tool has no account there`,
      },
    ],
    close: async () => undefined,
  };
}
