import type { Match } from "../documents/common.ts";
import type { Credential } from "../documents/credential.ts";

/** Conditions of different kinds are and-ed, values within one or-ed, labels all required. No condition matches all. */
export function matches(match: Match | undefined, credential: Credential): boolean {
  if (match === undefined) return true;
  const { metadata, spec } = credential;
  if (match.types !== undefined && !match.types.includes(spec.type)) return false;
  if (match.services !== undefined && !match.services.includes(spec.service)) return false;
  if (match.names !== undefined && !match.names.includes(metadata.name)) return false;
  const labels = metadata.labels ?? {};
  return Object.entries(match.labels ?? {}).every(([key, value]) => labels[key] === value);
}

/**
 * The names under which records may know a credential: its own and the former ones. A former name belongs to nobody
 * else; where documents are read, two that claim one are refused.
 */
export function namesOf({ metadata }: Credential): readonly string[] {
  return [metadata.name, ...(metadata.formerNames ?? [])];
}
