import type { Match } from "../documents/common.ts";
import type { Credential } from "../documents/credential.ts";

/** Conditions of different kinds are and-ed, values within one or-ed, labels all required. No condition matches all. */
export function matches(match: Match | undefined, credential: Credential): boolean {
  if (match === undefined) return true;
  const { metadata, spec } = credential;
  if (match.types !== undefined && !match.types.includes(spec.type)) return false;
  if (match.services !== undefined && !match.services.includes(spec.service)) return false;
  if (match.names !== undefined && !match.names.includes(metadata.name)) return false;
  return Object.entries(match.labels ?? {}).every(([key, value]) => Object.hasOwn(metadata.labels ?? {}, key) && metadata.labels?.[key] === value);
}
