import type { AuditEvent } from "../audit/entry.ts";
import { addTo, type Instant } from "../model/instant.ts";
import {
  type DiscoveryBook,
  EMPTY_DISCOVERY,
  type PartFact,
  type SourceFact,
} from "../state/discovery-book.ts";
import { sameValue } from "../state/same-facts.ts";
import { afterLook, type PartAfter, type PartLook } from "./after-look.ts";
import type { DeclaredSource } from "./declared-sources.ts";
import { matchDiscovery } from "./match-discovery.ts";
import type { MatchInput } from "./placed.ts";

/** What one run saw of a source. `failed`: it could not even be opened. */
export type SourceLook = { readonly source: DeclaredSource; readonly at: Instant } & (
  | { readonly parts: ReadonlyMap<string, PartLook>; readonly allParts: readonly string[] }
  | { readonly failed: string }
);

export interface Learnt {
  readonly book: DiscoveryBook;
  readonly events: readonly AuditEvent[];
  /** False: nothing that anybody must know was learnt, and the book can stay as it is. */
  readonly isNews: boolean;
}

/** Handles and problems that one entry of the trail names. */
const MOST_TOLD = 50;

/** The book after these looks, with what the trail says of them. Sources that are no longer declared are dropped. */
export function learnLooks(
  input: MatchInput,
  declared: readonly DeclaredSource[],
  looks: readonly SourceLook[],
): Learnt {
  const before = input.book;
  const names = new Set(declared.map(({ name }) => name));
  const sources = new Map(Object.entries(before.sources ?? {}).filter(([name]) => names.has(name)));
  const events: AuditEvent[] = [];
  let isNews = sources.size !== Object.keys(before.sources ?? {}).length;
  for (const look of looks) {
    const { name } = look.source;
    const known = sources.get(name);
    const { fact, after } = sourceAfter(known, look);
    sources.set(name, fact);
    if (!isWorthTelling(known, fact, look)) continue;
    isNews = true;
    events.push(...eventsOf(look, fact, after));
  }
  const learnt: DiscoveryBook = { ...before, sources: Object.fromEntries([...sources].toSorted(byName)) };
  const noted = notedIn({ ...input, book: learnt });
  const isOtherwise = !sameValue(noted, before.noted ?? {});
  if (events.length === 0 && (isOtherwise || isNews)) events.push(comparedEvent(input.now, noted));
  return { book: { ...learnt, noted }, events, isNews: isNews || isOtherwise };
}

function sourceAfter(
  known: SourceFact | undefined,
  look: SourceLook,
): { readonly fact: SourceFact; readonly after: ReadonlyMap<string, PartAfter> } {
  const { kind } = look.source;
  if ("failed" in look) {
    return {
      fact: { kind, failed: { at: look.at, problem: look.failed }, parts: known?.parts ?? {} },
      after: new Map(),
    };
  }
  const after = new Map([...look.parts].map(([part, one]) => [part, afterLook(known?.parts[part], one)]));
  const parts = look.allParts.flatMap((part): [string, PartFact][] => {
    const fact = after.get(part)?.part ?? known?.parts[part];
    return fact === undefined ? [] : [[part, fact]];
  });
  return { fact: { kind, parts: Object.fromEntries(parts.toSorted(byName)) }, after };
}

/**
 * The same as before is told once per interval, so that the record shows that the source is looked at; a source that
 * goes on failing in the same way is tried more often than that is told.
 */
function isWorthTelling(
  known: SourceFact | undefined,
  fact: SourceFact,
  { source, at }: SourceLook,
): boolean {
  if (known === undefined || !sameValue(withoutTimes(known), withoutTimes(fact))) return true;
  const told = [
    ...Object.values(known.parts).map(({ look }) => look.at),
    ...(known.failed ? [known.failed.at] : []),
  ];
  return told.some((instant) => addTo(instant, source.every) <= at);
}

function withoutTimes({ kind, failed, parts }: SourceFact): unknown {
  const seen = Object.entries(parts).map(([part, fact]) => {
    const { startedAt: _, at: __, scanned: ___, ...look } = fact.look;
    return [part, { ...fact, look, whole: fact.whole?.covered }];
  });
  return { kind, failed: failed?.problem, parts: Object.fromEntries(seen) };
}

function eventsOf(
  look: SourceLook,
  fact: SourceFact,
  after: ReadonlyMap<string, PartAfter>,
): readonly AuditEvent[] {
  const { source, at } = look;
  const looked = "failed" in look ? [] : [...look.parts];
  const isComplete = !("failed" in look) && Object.values(fact.parts).every((part) => part.look.complete);
  const problems =
    "failed" in look
      ? [look.failed]
      : looked.flatMap(([part, one]) => one.problems.map((text) => `${part}: ${text}`));
  const detail = {
    source: source.name,
    kind: source.kind,
    complete: isComplete,
    parts: looked.length,
    scanned: looked.reduce((sum, [, one]) => sum + one.scanned, 0),
    sightings: Object.values(fact.parts).reduce((sum, { seen }) => sum + seen.length, 0),
    ...(problems.length === 0 ? {} : { problems: problems.slice(0, MOST_TOLD) }),
  };
  const changes = [...after.values()];
  return [
    { time: at, event: "discovery.scanned", outcome: isComplete ? "done" : "failed", detail },
    ...told(
      "discovery.found",
      source.name,
      at,
      changes.flatMap(({ found }) => found),
    ),
    ...told(
      "discovery.gone",
      source.name,
      at,
      changes.flatMap(({ gone }) => gone),
    ),
  ];
}

function told(
  event: string,
  source: string,
  time: Instant,
  facts: readonly { readonly kind: string; readonly handle: string; readonly place: string }[],
): readonly AuditEvent[] {
  if (facts.length === 0) return [];
  const first = facts.slice(0, MOST_TOLD).map(({ kind, handle, place }) => ({ kind, handle, place }));
  return [{ time, event, outcome: "done", detail: { source, number: facts.length, first } }];
}

/** The registry or its records have changed, and with them what the looks say of them. */
function comparedEvent(time: Instant, noted: NonNullable<DiscoveryBook["noted"]>): AuditEvent {
  const detail = { differences: Object.keys(noted).length };
  return { time, event: "discovery.compared", outcome: "done", detail };
}

/** Since when the looks and the registry disagree about what they disagree about now. */
function notedIn(input: MatchInput): NonNullable<DiscoveryBook["noted"]> {
  const matched = matchDiscovery(input);
  const all = [...(matched?.ghosts ?? []), ...(matched?.drift ?? []), ...(matched?.shared ?? [])];
  return Object.fromEntries(all.map(({ key, since }): [string, Instant] => [key, since]).toSorted(byName));
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** Sources that a run looks at now: never looked at, at the end of their interval, broken off, or failing. */
export function dueSources(
  declared: readonly DeclaredSource[],
  book: DiscoveryBook = EMPTY_DISCOVERY,
  now: Instant,
): readonly DeclaredSource[] {
  return declared.filter((source) => {
    const fact = book.sources?.[source.name];
    if (fact === undefined || fact.kind !== source.kind || fact.failed !== undefined) return true;
    const looks = Object.values(fact.parts).map(({ look }) => look);
    return looks.length === 0 || looks.some((look) => !look.complete || addTo(look.at, source.every) <= now);
  });
}
