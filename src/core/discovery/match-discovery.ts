import { compareKeys, compareText } from "../evaluate/order.ts";
import { addTo, type Instant, parseInstant } from "../model/instant.ts";
import type { DiscoveryBook } from "../state/discovery-book.ts";
import { wholeOf } from "./after-look.ts";
import { type DeclaredSource, declaredSources, tooOldAfter } from "./declared-sources.ts";
import { driftOf } from "./drift.ts";
import { ghostsOf } from "./ghosts.ts";
import { locationOf } from "./location.ts";
import type { Matched, Seen, SeenThing, Shared, SourceStanding } from "./matched.ts";
import type { MatchInput } from "./placed.ts";
import { isUnique, type Recognition, recognise } from "./recognise.ts";

/** Kinds of which one handle in two places is one and the same key in both. */
const CAN_BE_SHARED: ReadonlySet<string> = new Set(["ssh-key", "tls-certificate"]);

/**
 * What the newest looks at the declared sources and the registry say of each other. Pure, and sorted: the same facts give
 * the same answer. `undefined`: the settings declare no source.
 */
export function matchDiscovery(input: MatchInput): Matched | undefined {
  const { documents, statuses, book } = input;
  const sources = declaredSources(documents.settings?.document.spec);
  if (sources.length === 0) return undefined;
  const known = recognise(documents, statuses);
  const seen = sources.flatMap((source) => seenAt(source, book));
  const things = thingsIn(seen, known);
  const byCredential = Map.groupBy(seen, (one) => known.credentialOf(one) ?? "");
  byCredential.delete("");
  const placed = { ...input, sources, known, seen, byCredential };
  return {
    sources: sources.map((source) => standingOf(source, input)),
    things,
    managed: [...byCredential.keys()].toSorted(compareText),
    unmanaged: things.filter(({ credential }) => credential === undefined),
    ghosts: ghostsOf(placed),
    drift: driftOf(placed),
    shared: sharedIn(seen, known, input),
    lastUsed: lastUses(byCredential),
  };
}

function seenAt({ name }: DeclaredSource, { sources = {} }: DiscoveryBook): readonly Seen[] {
  return Object.entries(sources[name]?.parts ?? {}).flatMap(([part, { look, seen }]) =>
    seen.map((fact) => ({
      ...fact,
      source: name,
      part,
      lookedFrom: fact.lastSeenAt === undefined ? look.startedAt : undefined,
    })),
  );
}

function thingsIn(seen: readonly Seen[], known: Recognition): readonly SeenThing[] {
  const groups = Map.groupBy(seen, (one) =>
    [one.source, one.kind, one.handle, isUnique(one) ? "" : one.place].join("\0"),
  );
  return [...groups.values()].flatMap((ones) => thingOf(ones, known)).toSorted(byThing);
}

function thingOf(ones: readonly Seen[], known: Recognition): readonly SeenThing[] {
  const sorted = ones.toSorted((a, b) => compareText(a.place, b.place));
  const [first] = sorted;
  if (first === undefined) return [];
  const { source, part: _part, lookedFrom: _lookedFrom, ...fact } = first;
  const credential = sorted.map((one) => known.credentialOf(one)).find((name) => name !== undefined);
  const firstSeenAt = sorted.map((one) => one.firstSeenAt).reduce((a, b) => (b < a ? b : a));
  return [
    {
      kind: first.kind,
      handle: first.handle,
      source,
      key: [source, first.kind, first.handle, ...(isUnique(first) ? [] : [first.place])].join(" "),
      places: [...new Set(sorted.map(({ place }) => place))],
      fact: { ...fact, live: sorted.some(({ live }) => live), firstSeenAt },
      concerns: [...new Set(sorted.flatMap(({ concerns = [] }) => concerns))],
      credential,
    },
  ];
}

function byThing(a: SeenThing, b: SeenThing): number {
  return compareKeys(
    [a.source, a.kind, a.places[0] ?? "", a.handle],
    [b.source, b.kind, b.places[0] ?? "", b.handle],
  );
}

/** One key in several places, unless one document is about all of them. */
function sharedIn(seen: readonly Seen[], known: Recognition, { book, now }: MatchInput): readonly Shared[] {
  const groups = Map.groupBy(
    seen.filter(({ kind }) => CAN_BE_SHARED.has(kind)),
    ({ kind, handle }) => `${kind}\0${handle}`,
  );
  return [...groups.values()]
    .flatMap((ones): Shared[] => {
      const [first] = ones;
      const places = [...new Set(ones.map(locationOf))].toSorted(compareText);
      if (first === undefined || places.length < 2) return [];
      const means = new Set(
        ones.map((one) => (one.means === undefined ? "" : (known.nameNow(one.means) ?? ""))),
      );
      if (means.size === 1 && !means.has("")) return [];
      const key = `shared ${first.kind} ${first.handle}`;
      const credential = ones.map((one) => known.credentialOf(one)).find((name) => name !== undefined);
      return [
        { key, kind: first.kind, handle: first.handle, credential, places, since: book.noted?.[key] ?? now },
      ];
    })
    .toSorted((a, b) => compareText(a.key, b.key));
}

function standingOf(source: DeclaredSource, { book, now }: MatchInput): SourceStanding {
  const fact = book.sources?.[source.name];
  const parts = Object.entries(fact?.parts ?? {});
  const looks = parts.map(([, { look }]) => look);
  const newest = latest([
    ...looks.map(({ at }) => at),
    ...(fact?.failed === undefined ? [] : [fact.failed.at]),
  ]);
  const wholes = parts.map(([, part]) => wholeOf(part)?.at);
  const wholeAt = wholes.includes(undefined) ? undefined : earliest(wholes.filter((at) => at !== undefined));
  const within = tooOldAfter(source);
  return {
    name: source.name,
    kind: source.kind,
    scannedAt: newest,
    wholeAt,
    complete: fact !== undefined && fact.failed === undefined && looks.every(({ complete }) => complete),
    late: wholeAt === undefined || addTo(wholeAt, within) < now,
    within,
    scanned: looks.reduce((sum, { scanned }) => sum + scanned, 0),
    sightings: parts.reduce((sum, [, { seen }]) => sum + seen.length, 0),
    problems: [
      ...(fact?.failed === undefined ? [] : [fact.failed.problem]),
      ...parts.flatMap(([part, { look }]) => look.problems.map((problem) => `${part}: ${problem}`)),
    ],
  };
}

function lastUses(byCredential: ReadonlyMap<string, readonly Seen[]>): ReadonlyMap<string, Instant> {
  return new Map(
    [...byCredential].flatMap(([name, ones]) => {
      const days = ones.flatMap(({ lastUsedOn }) => parseInstant(lastUsedOn ?? "") ?? []);
      const last = latest(days);
      return last === undefined ? [] : [[name, last]];
    }),
  );
}

function latest(instants: readonly Instant[]): Instant | undefined {
  return instants.toSorted(compareText).at(-1);
}

function earliest(instants: readonly Instant[]): Instant | undefined {
  return instants.toSorted(compareText)[0];
}
