import pLimit from "p-limit";
import type { PartLook } from "../core/discovery/after-look.ts";
import type { DeclaredSource } from "../core/discovery/declared-sources.ts";
import type { SourceLook } from "../core/discovery/learn-looks.ts";
import { bounded, sightingFact } from "../core/discovery/sighting-fact.ts";
import { addTo, type Instant } from "../core/model/instant.ts";
import type { ScanEnd, SourcePart } from "../core/ports/discovery.ts";
import type { DiscoveryBook, SightingFact } from "../core/state/discovery-book.ts";
import type { RunnerPorts, SourceDesk } from "./ports.ts";
import { failureOf } from "./world.ts";

/** How far looks go. Times are seconds. */
export interface LookBounds {
  /** All of them together: what is not begun by then is left to the next time. */
  readonly all: number;
  /** One part: it is asked to say then where it goes on. */
  readonly part: number;
  /** They begin anew, and not where earlier ones were broken off. */
  readonly afresh: boolean;
}

/** A part that does not stop by itself is stopped so many seconds later. */
const GRACE = 60;
const PARTS_AT_ONCE = 4;
/** What the book keeps of one part. */
const MOST_SIGHTINGS = 20_000;
/** Sightings after which people are told how far it is. */
const TOLD_EVERY = 1000;
const MOST_PROBLEMS = 50;

type Ports = Pick<RunnerPorts, "clock" | "progress" | "timeLimit">;

/**
 * Looks at sources, one after the other, their parts a few at a time. One that fails keeps nobody from the others: what
 * it could not see stands in its look. Rejects only when the signal aborts.
 */
export async function lookAtSources(
  sources: readonly DeclaredSource[],
  desk: SourceDesk,
  book: DiscoveryBook,
  bounds: LookBounds,
  ports: Ports,
  signal: AbortSignal,
): Promise<readonly SourceLook[]> {
  const until = addTo(ports.clock.now(), bounds.all);
  const looks: SourceLook[] = [];
  for (const source of sources) {
    signal.throwIfAborted();
    if (ports.clock.now() >= until) break;
    const found = await open(source, desk, ports);
    if ("failed" in found) looks.push(found);
    else looks.push(await lookAtParts(source, found.opened, { desk, book, bounds, ports, until, signal }));
  }
  return looks;
}

async function open(
  source: DeclaredSource,
  desk: SourceDesk,
  { clock, progress }: Ports,
): Promise<Extract<SourceLook, { readonly failed: string }> | { readonly opened: readonly SourcePart[] }> {
  try {
    return { opened: await desk.open(source) };
  } catch (error) {
    const failed = bounded(failureOf(error).message);
    progress.warn(`the source ${source.name} cannot be looked at: ${failed}`);
    return { source, at: clock.now(), failed };
  }
}

interface Looking {
  readonly desk: SourceDesk;
  readonly book: DiscoveryBook;
  readonly bounds: LookBounds;
  readonly ports: Ports;
  readonly until: Instant;
  readonly signal: AbortSignal;
}

async function lookAtParts(
  source: DeclaredSource,
  parts: readonly SourcePart[],
  looking: Looking,
): Promise<SourceLook> {
  const { clock } = looking.ports;
  const limit = pLimit(PARTS_AT_ONCE);
  const looked = new Map<string, PartLook>();
  try {
    await Promise.all(
      parts.map((part) =>
        limit(async () => {
          if (clock.now() >= looking.until) return;
          looked.set(part.name, await lookAtPart(source, part, looking));
        }),
      ),
    );
  } finally {
    await Promise.allSettled(parts.map((part) => part.close()));
  }
  return { source, at: clock.now(), parts: looked, allParts: parts.map(({ name }) => name) };
}

async function lookAtPart(source: DeclaredSource, part: SourcePart, looking: Looking): Promise<PartLook> {
  const { desk, book, bounds, ports, until, signal } = looking;
  const { clock, progress } = ports;
  const startedAt = clock.now();
  const known = book.sources?.[source.name]?.parts[part.name];
  const cursor = bounds.afresh ? undefined : known?.look.cursor;
  const room = MOST_SIGHTINGS - (cursor === undefined ? 0 : (known?.seen.length ?? 0));
  const end = addTo(startedAt, bounds.part);
  const sightings: SightingFact[] = [];
  let shown = 0;
  const named = `looking at ${source.name}, ${part.name}`;
  progress.step(named);
  const limit = AbortSignal.any([signal, ports.timeLimit(bounds.part + GRACE)]);
  const ended = await scanned(part, cursor, limit, signal, {
    show: (sighting) => {
      shown += 1;
      if (shown % TOLD_EVERY === 0) progress.step(named, { seen: shown });
      if (sightings.length >= room) return;
      const means = sighting.identity === undefined ? undefined : desk.nameOf(sighting.identity);
      sightings.push(sightingFact(sighting, means, startedAt));
    },
    enough: () => shown > room || clock.now() >= end || clock.now() >= until,
  });
  const isTooMuch = shown > room;
  const problems = [
    ...(isTooMuch ? [`more than ${MOST_SIGHTINGS} credentials: declare it as several sources`] : []),
    ...ended.problems.slice(0, MOST_PROBLEMS),
  ];
  for (const problem of problems) progress.warn(`${source.name}, ${part.name}: ${problem}`);
  return {
    startedAt,
    at: clock.now(),
    continued: cursor !== undefined,
    complete: ended.complete && !isTooMuch,
    scanned: ended.scanned,
    problems: problems.map(bounded),
    ...(ended.cursor === undefined || isTooMuch ? {} : { cursor: ended.cursor }),
    covered: isTooMuch ? [] : ended.covered.flatMap((identity) => desk.nameOf(identity) ?? []),
    sightings,
  };
}

/** A part that breaks down, or does not come to an end, was not seen whole; what it showed counts. */
async function scanned(
  part: SourcePart,
  cursor: string | undefined,
  limit: AbortSignal,
  signal: AbortSignal,
  { show, enough }: { readonly show: Parameters<SourcePart["scan"]>[1]; readonly enough: () => boolean },
): Promise<ScanEnd> {
  try {
    return await part.scan(cursor, show, limit, enough);
  } catch (error) {
    signal.throwIfAborted();
    return { complete: false, scanned: 0, covered: [], problems: [failureOf(error).message] };
  }
}
