import type { Instant } from "../model/instant.ts";
import type { SightingFact } from "../state/discovery-book.ts";

/** A sighting with where it comes from. */
export interface Seen extends SightingFact {
  readonly source: string;
  readonly part: string;
  /** Start of the newest look; undefined: that one has not shown it, so its facts may be old. */
  readonly lookedFrom: Instant | undefined;
}

/** One thing that a source showed, in however many places. */
export interface SeenThing {
  readonly kind: SightingFact["kind"];
  readonly handle: string;
  readonly source: string;
  /** What tells it apart for good: not what it looks like today. */
  readonly key: string;
  /** At least one, sorted. */
  readonly places: readonly string[];
  /** As the first place showed it; live if any place says so, and seen first when the first was. */
  readonly fact: SightingFact;
  /** What is wrong with it whoever owns it, each once. */
  readonly concerns: readonly string[];
  /** The registered credential that it is. */
  readonly credential: string | undefined;
}

/** Registered, with a version that ought to live, and a look at its place did not show it. */
export interface Ghost {
  readonly key: string;
  readonly credential: string;
  readonly handle: string | undefined;
  readonly source: string;
  /** End of the newest look that could have shown it. */
  readonly lookedAt: Instant;
  readonly since: Instant;
}

/** What a place says differs from what is on record. */
export interface Drift {
  readonly key: string;
  readonly credential: string;
  readonly handle: string;
  readonly source: string;
  readonly place: string;
  /** Something works that should not, or the other way; else only a date is another one. */
  readonly grave: boolean;
  readonly recorded: string;
  readonly seen: string;
  readonly since: Instant;
}

/** One key in several places. */
export interface Shared {
  readonly key: string;
  readonly kind: SightingFact["kind"];
  readonly handle: string;
  readonly credential: string | undefined;
  /** Two at least, sorted. */
  readonly places: readonly string[];
  readonly since: Instant;
}

/** A declared source, as its newest looks stand. */
export interface SourceStanding {
  readonly name: string;
  readonly kind: string;
  /** End of the newest look; undefined: there was none. */
  readonly scannedAt: Instant | undefined;
  /** Since when all of it was last seen whole; undefined: never. */
  readonly wholeAt: Instant | undefined;
  readonly complete: boolean;
  readonly late: boolean;
  /** Seconds after which a whole look is too old. */
  readonly within: number;
  readonly scanned: number;
  readonly sightings: number;
  /** What could not be seen, each with its part. */
  readonly problems: readonly string[];
}

/** What the newest looks and the registry say of each other. Everything is sorted. */
export interface Matched {
  readonly sources: readonly SourceStanding[];
  readonly things: readonly SeenThing[];
  /** Registered credentials that some source showed. */
  readonly managed: readonly string[];
  readonly unmanaged: readonly SeenThing[];
  readonly ghosts: readonly Ghost[];
  readonly drift: readonly Drift[];
  readonly shared: readonly Shared[];
  /** By credential: when it was last used, to the day, as far as a source tells. */
  readonly lastUsed: ReadonlyMap<string, Instant>;
}
