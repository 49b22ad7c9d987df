import { compareKeys } from "../evaluate/order.ts";
import type { Instant } from "../model/instant.ts";
import type { GoneFact, PartFact, SightingFact } from "../state/discovery-book.ts";
import { locationOf } from "./location.ts";

/** What one run saw of a part, before it is joined with what was known. */
export interface PartLook {
  readonly startedAt: Instant;
  readonly at: Instant;
  /** It went on where an earlier one ended. */
  readonly continued: boolean;
  readonly complete: boolean;
  readonly scanned: number;
  readonly problems: readonly string[];
  readonly cursor?: string;
  /** Names of registered credentials that it would have shown if they existed. */
  readonly covered: readonly string[];
  readonly sightings: readonly SightingFact[];
}

export interface PartAfter {
  readonly part: PartFact;
  /** Never seen here before. */
  readonly found: readonly SightingFact[];
  readonly gone: readonly GoneFact[];
}

/** What went is remembered for as many, so that a registered one is known to be a ghost. */
const MOST_GONE = 1000;

/**
 * A part after a look. What an incomplete look did not show stays, with the day on which it was seen last: only one that
 * went through whole, maybe over several runs, says that something is gone.
 */
export function afterLook(before: PartFact | undefined, look: PartLook): PartAfter {
  const isContinued = look.continued && before?.look.cursor !== undefined;
  const startedAt = isContinued ? before.look.startedAt : look.startedAt;
  const known = new Map((before?.seen ?? []).map((fact) => [keyOf(fact), fact]));
  const shown = new Map(look.sightings.map((fact) => [keyOf(fact), fact]));
  const found: SightingFact[] = [];
  const seen: SightingFact[] = [];
  const gone: GoneFact[] = [];
  for (const [key, fact] of shown) {
    const firstSeenAt = known.get(key)?.firstSeenAt;
    if (firstSeenAt === undefined) found.push(fact);
    seen.push(firstSeenAt === undefined ? fact : { ...fact, firstSeenAt });
  }
  for (const [key, fact] of known) {
    if (shown.has(key)) continue;
    // Shown by an earlier run of the same look.
    const isOfThisLook = isContinued && fact.lastSeenAt === undefined;
    const lastSeenAt = fact.lastSeenAt ?? before?.look.at ?? look.at;
    if (isOfThisLook) seen.push(fact);
    else if (!look.complete) seen.push({ ...fact, lastSeenAt });
    else gone.push(goneFact(fact, lastSeenAt, look.at));
  }
  const covered = isContinued ? [...before.look.covered, ...look.covered] : look.covered;
  const scanned = look.scanned + (isContinued ? before.look.scanned : 0);
  const isBack = (fact: GoneFact): boolean => shown.has(keyOf(fact));
  const past = [...(before?.gone ?? []).filter((fact) => !isBack(fact)), ...gone].slice(-MOST_GONE);
  const whole = look.complete ? undefined : wholeOf(before);
  const part: PartFact = {
    look: {
      startedAt,
      at: look.at,
      complete: look.complete,
      scanned,
      problems: [...look.problems],
      ...(look.cursor === undefined || look.complete ? {} : { cursor: look.cursor }),
      covered: [...new Set(covered)].toSorted(),
    },
    ...(whole === undefined ? {} : { whole }),
    seen: seen.toSorted(byPlace),
    ...(past.length === 0 ? {} : { gone: past }),
  };
  return { part, found: found.toSorted(byPlace), gone: gone.toSorted(byPlace) };
}

/** The newest look at a part that went through whole; undefined: there was none yet. */
export function wholeOf(part: PartFact | undefined): PartFact["whole"] {
  if (part === undefined || !part.look.complete) return part?.whole;
  const { startedAt, at, scanned, covered } = part.look;
  return { startedAt, at, scanned, covered };
}

function goneFact({ kind, handle, place }: SightingFact, lastSeenAt: Instant, goneAt: Instant): GoneFact {
  return { kind, handle, place, lastSeenAt, goneAt };
}

/** Equal for two looks at one and the same thing in one place. */
function keyOf(fact: Pick<SightingFact, "kind" | "handle" | "place">): string {
  return [fact.kind, fact.handle, locationOf(fact)].join("\0");
}

function byPlace(
  a: Pick<SightingFact, "handle" | "place">,
  b: Pick<SightingFact, "handle" | "place">,
): number {
  return compareKeys([a.place, a.handle], [b.place, b.handle]);
}
