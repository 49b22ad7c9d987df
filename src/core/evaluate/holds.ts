import type { Credential } from "../documents/credential.ts";
import type { Documents } from "../documents/kinds.ts";
import { type Instant, parseInstant } from "../model/instant.ts";
import type { StateFacts } from "../state/facts.ts";
import { matches, namesOf } from "./match.ts";
import { compareKeys } from "./order.ts";

export interface ActiveHold {
  readonly name: string;
  readonly until: Instant;
  readonly reason: string;
}

/**
 * The hold that is in force on a credential, until its end (exclusive): written in `exceptions/`, or pressed by command
 * and not released. Of several the one that ends last, of those the first by name. One that was pressed on a former
 * name holds on.
 */
export function holdOn(
  credential: Credential,
  documents: Documents,
  state: StateFacts,
  now: Instant,
): ActiveHold | undefined {
  let held: ActiveHold | undefined;
  const consider = (hold: ActiveHold): void => {
    if (hold.until > now && (held === undefined || endsLater(hold, held))) held = hold;
  };
  const { name } = credential.metadata;
  for (const { document } of documents.holds.values()) {
    const { all, credentials, match, reason } = document.spec;
    const until = parseInstant(document.spec.until);
    const covers =
      all === true ||
      credentials?.includes(name) === true ||
      (match !== undefined && matches(match, credential));
    if (until !== undefined && covers) consider({ name: document.metadata.name, until, reason });
  }
  const names = namesOf(credential);
  for (const { id, all, credentials, until, reason, released } of state.holds.values()) {
    const covers = all === true || credentials?.some((held) => names.includes(held)) === true;
    if (released === undefined && covers) consider({ name: id, until, reason });
  }
  return held;
}

function endsLater(a: ActiveHold, b: ActiveHold): boolean {
  return compareKeys([b.until, a.name], [a.until, b.name]) < 0;
}
