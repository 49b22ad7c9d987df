import { createSecretSource } from "../../adapters/runtime/secret-source.ts";
import type { Secret } from "../../core/model/secret.ts";
import { currentVersion } from "../../core/rotation/reconcile.ts";
import { tagOf } from "../tagging.ts";
import type { Sight } from "./sight.ts";

export interface Comparison {
  readonly verdict: "current" | "old" | "different" | "unknown";
  readonly text: string;
}

/** Whether a value is that of the current version, an older recorded one, or neither. Says `unknown` rather than guess. */
export async function compareValue(
  sight: Sight,
  name: string,
  value: Secret,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Comparison> {
  const status = sight.state.statuses.get(name);
  const versions = status?.versions ?? [];
  const current = currentVersion(versions);
  const handle = current?.handle ?? sight.documents.credentials.get(name)?.document.spec.handle;
  if (handle !== undefined && handle === value.reveal())
    return { verdict: "current", text: "it is the public handle of the current version" };
  const reference = sight.documents.settings?.document.spec.tagKey;
  if (reference === undefined)
    return {
      verdict: "unknown",
      text: "no tags are kept: Settings.tagKey names no key, so a secret value cannot be recognised",
    };
  const attempt = status?.rotation?.attempt;
  const tagged = [
    ...versions.flatMap(({ mark, tag }) =>
      mark === undefined || tag === undefined ? [] : [{ attempt: mark.attempt, tag }],
    ),
    ...(attempt?.tag === undefined ? [] : [{ attempt: attempt.id, tag: attempt.tag }]),
  ];
  if (tagged.length === 0)
    return {
      verdict: "unknown",
      text: "no version of it has a tag: it was not issued by this tool, or before the key existed",
    };
  const key = await createSecretSource({ env }).read(reference);
  const found = tagged.find((version) => tagOf(key, name, version.attempt, value) === version.tag);
  if (found === undefined) return { verdict: "different", text: "it is none of the versions on record" };
  const isCurrent =
    current === undefined ? found.attempt === attempt?.id : found.attempt === current.mark?.attempt;
  return isCurrent
    ? { verdict: "current", text: "it is the current version" }
    : { verdict: "old", text: "it is a version on record, but not the current one" };
}
