import type { Credential } from "../documents/credential.ts";
import type { Documents } from "../documents/kinds.ts";
import { type Instant, parseInstant } from "../model/instant.ts";
import type { StateFacts } from "../state/facts.ts";
import { matches } from "./match.ts";

export interface ActiveHold {
  readonly name: string;
  readonly until: Instant;
  readonly reason: string;
}

/**
 * The hold that is in force on a credential: from `exceptions/` (from its commit to its end) or pressed by command.
 * Of several the one that ends last.
 */
export function holdOn(credential: Credential, documents: Documents, state: StateFacts, now: Instant): ActiveHold | undefined {
  const name = credential.metadata.name;
  const written = [...documents.holds.values()].flatMap(({ document: { metadata, spec } }): ActiveHold[] => {
    const until = parseInstant(spec.until);
    const covers = spec.all === true || spec.credentials?.includes(name) === true || (spec.match !== undefined && matches(spec.match, credential));
    return until !== undefined && covers ? [{ name: metadata.name, until, reason: spec.reason }] : [];
  });
  const pressed = [...state.holds.values()].flatMap((hold): ActiveHold[] => {
    const covers = hold.all === true || hold.credentials?.includes(name) === true;
    return covers && hold.released === undefined ? [{ name: hold.id, until: hold.until, reason: hold.reason }] : [];
  });
  return [...written, ...pressed].filter(({ until }) => until > now).sort((a, b) => (a.until < b.until ? 1 : a.until > b.until ? -1 : a.name < b.name ? -1 : 1))[0];
}
