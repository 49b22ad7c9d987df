import { createSecretSource } from "../../adapters/runtime/secret-source.ts";
import type { Secret } from "../../core/model/secret.ts";
import { currentVersion } from "../../core/rotation/reconcile.ts";
import { isOpen } from "../../core/rotation/transition.ts";
import type { Status, VersionFact } from "../../core/state/status.ts";
import { tagOf } from "../tagging.ts";
import type { Sight } from "./sight.ts";

/** Whether a value is that of the current version. */
export interface Comparison {
  /** `unknown`: it cannot be said, which is never taken for no. */
  readonly verdict: "current" | "old" | "pending" | "different" | "unknown";
  /** What recognised it. */
  readonly by: "handle" | "tag" | null;
  /** Public handle of the version it belongs to. */
  readonly handle: string | null;
  /** For people. */
  readonly text: string;
}

/**
 * Compares a value with the public handles and the keyed tags of a credential's versions. Rejects with a CreError when
 * the key of the tags cannot be read. The value is neither shown nor kept.
 */
export async function compareValue(
  sight: Sight,
  name: string,
  value: Secret,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Comparison> {
  const status = sight.state.statuses.get(name);
  const document = sight.documents.credentials.get(name)?.document;
  const byHandle = handleOf(status, document?.spec.handle, value);
  if (byHandle !== undefined) return byHandle;
  const reference = sight.documents.settings?.document.spec.tagKey;
  if (reference === undefined) {
    return unknown("no tags are kept (Settings has no `tagKey`), so a secret value cannot be recognised");
  }
  const tagged = taggedVersions(status);
  if (tagged.length === 0) {
    return unknown("no version on record has a tag: none was issued here since there is a `tagKey`");
  }
  const key = await createSecretSource({ env }).read(reference);
  const names = [name, ...(document?.metadata.formerNames ?? [])];
  const found = tagged.find(({ attempt, tag }) =>
    names.some((each) => tagOf(key, each, attempt, value) === tag),
  );
  if (found !== undefined) return { ...found, by: "tag" };
  if (currentVersion(status?.versions ?? [])?.tag === undefined) {
    return unknown("it is no version that has a tag, but the current version has none");
  }
  return { verdict: "different", by: null, handle: null, text: "it is none of the versions on record" };
}

function unknown(text: string): Comparison {
  return { verdict: "unknown", by: null, handle: null, text };
}

function handleOf(
  status: Status | undefined,
  declared: string | undefined,
  value: Secret,
): Comparison | undefined {
  const versions = status?.versions ?? [];
  const current = currentVersion(versions);
  const given = value.reveal();
  const found = current?.handle === given ? current : versions.find((version) => version.handle === given);
  if (found !== undefined) return { ...describe(found, current), by: "handle" };
  if (current !== undefined || declared !== given) return undefined;
  return {
    verdict: "current",
    by: "handle",
    handle: given,
    text: "it is the handle that the document declares",
  };
}

interface TaggedVersion extends Omit<Comparison, "by"> {
  readonly attempt: string;
  readonly tag: string;
}

/** Versions with a tag, and the attempt of an open rotation that is no version yet. */
function taggedVersions(status: Status | undefined): readonly TaggedVersion[] {
  const versions = status?.versions ?? [];
  const current = currentVersion(versions);
  const known = versions.flatMap((version) => {
    const { mark, tag } = version;
    return mark === undefined || tag === undefined
      ? []
      : [{ ...describe(version, current), attempt: mark.attempt, tag }];
  });
  const rotation = isOpen(status?.rotation) ? status.rotation : undefined;
  const attempt = rotation?.attempt;
  if (attempt?.tag === undefined || known.some((version) => version.attempt === attempt.id)) return known;
  const text = "it is the new version of the open rotation, which is not in use yet";
  const handle = attempt.handle ?? null;
  return [...known, { verdict: "pending", handle, text, attempt: attempt.id, tag: attempt.tag }];
}

function describe(version: VersionFact, current: VersionFact | undefined): Omit<Comparison, "by"> {
  const { handle, createdAt, live, promoted } = version;
  if (version === current) {
    return { verdict: "current", handle, text: `it is the current version (${handle}, since ${createdAt})` };
  }
  if (!promoted && live && (current === undefined || createdAt > current.createdAt)) {
    return { verdict: "pending", handle, text: `it is a new version (${handle}), which is not in use yet` };
  }
  const end = live ? "which can still authenticate" : "which is dead";
  return { verdict: "old", handle, text: `it is an older version (${handle}), ${end}` };
}
