import type { Credential } from "../documents/credential.ts";
import type { Documents } from "../documents/kinds.ts";
import { addTo, type Instant, parseInstant } from "../model/instant.ts";
import { matches } from "./match.ts";

/** Seconds that a snooze may reach ahead; one that reaches further silences nothing. */
const LONGEST = 14 * 86_400;

/** Whether people asked for silence about a credential, now. It never covers an emergency. */
export function snoozesAt(documents: Documents, now: Instant): (credential: Credential) => boolean {
  const running = [...documents.snoozes.values()]
    .map(({ document }) => document.spec)
    .filter((spec) => {
      const until = parseInstant(spec.until);
      return until !== undefined && now < until && until <= addTo(now, LONGEST);
    });
  return (credential) =>
    running.some(
      ({ credentials, match }) =>
        credentials?.includes(credential.metadata.name) === true ||
        (match !== undefined && matches(match, credential)),
    );
}
