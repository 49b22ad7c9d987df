import { matchDiscovery } from "../discovery/match-discovery.ts";
import type { Drift, Ghost, SeenThing, Shared, SourceStanding } from "../discovery/matched.ts";
import type { Documents } from "../documents/kinds.ts";
import type { EvaluationResult } from "../evaluate/evaluation.ts";
import { EMPTY_DISCOVERY } from "../state/discovery-book.ts";
import type { StateFacts } from "../state/facts.ts";
import type { DiscoveryRows } from "./history-schema.ts";

export interface DiscoveryRowsInput {
  readonly documents: Documents;
  /** Joined with renamed documents. */
  readonly state: Pick<StateFacts, "statuses" | "books">;
  readonly evaluation: Pick<EvaluationResult, "asOf" | "findings">;
}

/**
 * What discovery has on record and how it stands to the registry. null: the settings declare no source. Each unmanaged
 * one is a row, in however many places of a source it was seen.
 */
export function discoveryRows({ documents, state, evaluation }: DiscoveryRowsInput): DiscoveryRows | null {
  const matched = matchDiscovery({
    documents,
    statuses: state.statuses,
    book: state.books?.discovery ?? EMPTY_DISCOVERY,
    now: evaluation.asOf,
  });
  if (matched === undefined) return null;
  const { managed, unmanaged, sources, ghosts, drift, shared } = matched;
  const waivers = waiversOf(evaluation);
  const denominator = managed.length + unmanaged.length;
  return {
    sources: sources.map(sourceRow),
    managed: {
      numerator: managed.length,
      denominator,
      fraction: denominator === 0 ? null : managed.length / denominator,
    },
    unmanaged: unmanaged.map((thing) => foundRow(thing, waivers.get(thing.key) ?? null)),
    ghosts: ghosts.map(ghostRow),
    drift: drift.map(driftRow),
    shared: shared.map(sharedRow),
  };
}

function waiversOf({ findings }: Pick<EvaluationResult, "findings">): ReadonlyMap<string, string | null> {
  return new Map(
    findings.flatMap(({ code, discriminator, waivedBy }) =>
      code === "unmanaged" ? [[discriminator, waivedBy]] : [],
    ),
  );
}

function sourceRow({ name, kind, scannedAt, complete, late, ...counts }: SourceStanding) {
  const { scanned, sightings, problems } = counts;
  return {
    name,
    kind,
    scannedAt: scannedAt ?? null,
    complete,
    late,
    scanned,
    sightings,
    problems: [...problems],
  };
}

function foundRow(thing: SeenThing, waivedBy: string | null): DiscoveryRows["unmanaged"][number] {
  const { kind, handle, source, fact, concerns } = thing;
  const [hint] = fact.ownerHints ?? [];
  return {
    kind,
    handle,
    place: placesText(thing),
    source,
    firstSeenAt: fact.firstSeenAt,
    createdAt: fact.createdAt ?? null,
    lastUsedAt: fact.lastUsedOn === undefined ? null : `${fact.lastUsedOn}T00:00:00Z`,
    expiresAt: fact.expiresAt ?? null,
    live: fact.live,
    detail: { ...fact.detail },
    concerns: [...concerns],
    ownerGuess: hint === undefined ? null : `${hint.text} (${hint.source})`,
    waivedBy,
  };
}

/** The first place, and how many more there are. */
function placesText({ places }: Pick<SeenThing, "places">): string {
  const [first = ""] = places;
  return places.length < 2 ? first : `${first} and ${places.length - 1} more`;
}

function ghostRow({ credential, handle, source, since }: Ghost) {
  return { credential, handle: handle ?? null, source, since };
}

function driftRow({ credential, handle, source, recorded, seen, place, since }: Drift) {
  return { credential, handle, source, recorded, seen: `${seen} (at ${place})`, since };
}

function sharedRow({ handle, kind, credential, places }: Shared) {
  return { handle, kind, credential: credential ?? null, places: [...places] };
}
