import { registeredCredentials } from "../../../core/discovery/registered.ts";
import type { DiscoveryPorts } from "../../../core/ports/discovery.ts";

/** The registered credential that is delivered into a secret, by {@link secretKey}. */
export type RegisteredSecrets = ReadonlyMap<string, string>;

const API = "https://api.github.com";

/** One text for one secret: GitHub compares all of these names without case. */
export function secretKey(place: string, name: string): string {
  return `${place}/${name}`.toLowerCase();
}

/** Credentials that are delivered into secrets of this server of GitHub. */
export function registeredSecrets(host: string, ports: DiscoveryPorts): RegisteredSecrets {
  const means = new Map<string, string>();
  for (const { spec, identity } of registeredCredentials(ports)) {
    for (const entry of spec.deliver ?? []) {
      const target = entry["github-secret"];
      if (target === undefined) continue;
      const other = ports.documents.connections.get(target.connection)?.document.spec.github;
      if (other === undefined || new URL(other.url ?? API).host !== host) continue;
      const place = placeOf(target);
      for (const name of Object.keys(target.values)) {
        const key = secretKey(place, name);
        if (!means.has(key)) means.set(key, identity);
      }
    }
  }
  return means;
}

function placeOf(target: {
  readonly scope: string;
  readonly repository?: string;
  readonly environment?: string;
  readonly organisation?: string;
}): string {
  const { scope, repository = "", environment = "", organisation = "" } = target;
  if (scope === "organisation") return organisation;
  return scope === "environment" ? `${repository} (${environment})` : repository;
}
