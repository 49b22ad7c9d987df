import type { CredentialSpec } from "../documents/credential.ts";
import type { DiscoveryPorts } from "../ports/discovery.ts";

/** A credential of the registry as a source looks for it. */
export interface Registered {
  readonly name: string;
  /** By which it is the same in documents, sightings and what a look covers. */
  readonly identity: string;
  readonly spec: CredentialSpec;
}

/** All credentials of the registry, by name. */
export function registeredCredentials({
  documents,
  identityOf,
}: Pick<DiscoveryPorts, "documents" | "identityOf">): readonly Registered[] {
  return [...documents.credentials.values()]
    .map(({ document }) => ({ name: document.metadata.name, spec: document.spec }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, spec }) => ({ name, spec, identity: identityOf(name) }));
}
