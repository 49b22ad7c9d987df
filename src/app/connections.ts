import type { Documents } from "../core/documents/kinds.ts";
import { storedSecretsIn, storeOf } from "../core/documents/stored-secret.ts";

/** Names of connections, each once, with those that theirs take secrets from. */
export function withTheirStores(named: readonly string[], { connections }: Documents): readonly string[] {
  const stores = named.flatMap((name) =>
    storedSecretsIn(connections.get(name)?.document.spec).map(({ reference }) => storeOf(reference)),
  );
  return [...new Set([...named, ...stores])];
}

/**
 * Why a runner of this zone may not use these connections; undefined: it may. One with a zone is only used by a runner
 * that was started for it.
 */
export function reasonElsewhere(
  names: readonly string[],
  { connections }: Documents,
  zone: string | undefined,
): string | undefined {
  for (const name of names) {
    const wanted = connections.get(name)?.document.spec.zone;
    if (wanted !== undefined && wanted !== zone) {
      return `the connection ${name} needs a runner started with --zone ${wanted}`;
    }
  }
  return undefined;
}
