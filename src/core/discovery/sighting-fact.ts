import type { Instant } from "../model/instant.ts";
import type { Sighting } from "../ports/discovery.ts";
import type { SightingFact } from "../state/discovery-book.ts";
import { plainLine } from "../text/plain-line.ts";

/** Other people's text: as long as a reader can want it. */
const LONGEST = 300;
const MOST_DETAILS = 16;
const MOST_TEXTS = 8;

/** What goes on record of a sighting at this instant; `means` is the registered credential that it is. */
export function sightingFact(sighting: Sighting, means: string | undefined, at: Instant): SightingFact {
  const { kind, live, createdAt, changedAt, expiresAt, lastUsedAt, concerns } = sighting;
  const details = Object.entries(sighting.detail)
    .slice(0, MOST_DETAILS)
    .map(([name, value]): [string, string] => [bounded(name), bounded(value)]);
  const hints = sighting.ownerHints
    .slice(0, MOST_TEXTS)
    .map(({ source, text }) => ({ source: bounded(source), text: bounded(text) }));
  return {
    kind,
    handle: bounded(sighting.handle),
    place: bounded(sighting.place),
    ...(means === undefined ? {} : { means }),
    live,
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(changedAt === undefined ? {} : { changedAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(lastUsedAt === undefined ? {} : { lastUsedOn: lastUsedAt.slice(0, 10) }),
    ...(details.length === 0 ? {} : { detail: Object.fromEntries(details) }),
    ...(hints.length === 0 ? {} : { ownerHints: hints }),
    ...(concerns.length === 0 ? {} : { concerns: concerns.slice(0, MOST_TEXTS).map(bounded) }),
    firstSeenAt: at,
  };
}

/** On one line and not longer than anybody reads. */
export function bounded(text: string): string {
  return plainLine(text, LONGEST);
}
