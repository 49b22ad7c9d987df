import type { SecretRef } from "../../core/documents/common.ts";
import type { Documents } from "../../core/documents/kinds.ts";
import { compareKeys } from "../../core/evaluate/order.ts";
import type { LocalSecretSource } from "../../core/ports/runtime.ts";
import type { AbsentSecret } from "../../core/state/alert-book.ts";

/**
 * References to secrets that this host lacks, each once with where it stands: of the settings, and of the connections
 * that a runner of this zone may use. Secrets in stores are taken to be there.
 */
export function absentSecrets(
  { settings, connections }: Documents,
  zone: string | undefined,
  secrets: Pick<LocalSecretSource, "present">,
): readonly AbsentSecret[] {
  const { tagKey, heartbeat, forge, network, channels } = settings?.document.spec ?? {};
  const parts: readonly (readonly [string, unknown])[] = [
    ["the tagKey of the settings", tagKey],
    ["the heartbeat of the settings", heartbeat],
    ["the forge of the settings", forge],
    ["the network of the settings", network],
    ...Object.entries(channels ?? {}).map(([name, spec]) => [`the channel ${name}`, spec] as const),
    ...[...connections].flatMap(([name, { document }]) =>
      document.spec.zone === undefined || document.spec.zone === zone
        ? [[`the connection ${name}`, document.spec] as const]
        : [],
    ),
  ];
  return parts
    .flatMap(([usedBy, part]) =>
      referencesIn(part)
        .filter((reference) => !secrets.present(reference))
        .map((reference) => ({ reference: "env" in reference ? reference.env : reference.file, usedBy })),
    )
    .toSorted((a, b) => compareKeys([a.usedBy, a.reference], [b.usedBy, b.reference]));
}

/** An object with nothing but a text `env` or `file` is a reference, by the schemas of the parts that are given. */
function referencesIn(part: unknown): readonly SecretRef[] {
  if (typeof part !== "object" || part === null) return [];
  const entries = Object.entries(part);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined && typeof first[1] === "string") {
    const [key, value] = first;
    if (key === "env") return [{ env: value }];
    if (key === "file") return [{ file: value }];
  }
  return entries.flatMap(([, value]) => referencesIn(value));
}
