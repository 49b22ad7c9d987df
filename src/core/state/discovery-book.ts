import { type Static, Type } from "typebox";
import { SIGHTING_KINDS } from "../ports/discovery.ts";
import { InstantText, record, word } from "./common.ts";

const Count = Type.Integer({ minimum: 0 });

/** One credential as a source showed it. Public facts only. */
export const SightingFact = record({
  kind: word(SIGHTING_KINDS),
  handle: Type.String(),
  place: Type.String(),
  /** The registered credential that means this place or object, as documents were when it was looked at. */
  means: Type.Optional(Type.String()),
  live: Type.Boolean(),
  createdAt: Type.Optional(InstantText),
  changedAt: Type.Optional(InstantText),
  expiresAt: Type.Optional(InstantText),
  /** A day: finer than that it would change with every look. */
  lastUsedOn: Type.Optional(Type.String()),
  detail: Type.Optional(Type.Record(Type.String(), Type.String())),
  ownerHints: Type.Optional(Type.Array(record({ source: Type.String(), text: Type.String() }))),
  concerns: Type.Optional(Type.Array(Type.String())),
  firstSeenAt: InstantText,
  /** Only of what the newest look has not shown (yet): when one did last. */
  lastSeenAt: Type.Optional(InstantText),
});
export type SightingFact = Static<typeof SightingFact>;

/** What a look that went through whole no longer showed. */
const GoneFact = record({
  kind: word(SIGHTING_KINDS),
  handle: Type.String(),
  place: Type.String(),
  lastSeenAt: InstantText,
  goneAt: InstantText,
});
export type GoneFact = Static<typeof GoneFact>;

/** One account, server or list of endpoints of a source. */
const PartFact = record({
  /** The newest look, which may have gone on over several runs. */
  look: record({
    startedAt: InstantText,
    at: InstantText,
    complete: Type.Boolean(),
    scanned: Count,
    problems: Type.Array(Type.String()),
    /** Where the next run goes on. */
    cursor: Type.Optional(Type.String()),
    /** Registered credentials that it would have shown if they existed. */
    covered: Type.Array(Type.String()),
  }),
  /** The newest look that went through whole, where that is another one. */
  whole: Type.Optional(
    record({
      startedAt: InstantText,
      at: InstantText,
      scanned: Count,
      covered: Type.Array(Type.String()),
    }),
  ),
  /** By place and handle. */
  seen: Type.Array(SightingFact),
  /** The newest ones. */
  gone: Type.Optional(Type.Array(GoneFact)),
});
export type PartFact = Static<typeof PartFact>;

const SourceFact = record({
  kind: Type.String(),
  /** Why it could not even be opened, since when. */
  failed: Type.Optional(record({ at: InstantText, problem: Type.String() })),
  parts: Type.Record(Type.String(), PartFact),
});
export type SourceFact = Static<typeof SourceFact>;

/**
 * `registry/status/_discovery.json`: what the newest looks at the sources showed. Its history in git says what was known
 * on any day.
 */
export const DiscoveryBook = record({
  schemaVersion: Type.Literal(1),
  /** By name in the settings. */
  sources: Type.Optional(Type.Record(Type.String(), SourceFact)),
  /** When a run noticed first what the looks and the registry disagree about, by what it is. */
  noted: Type.Optional(Type.Record(Type.String(), InstantText)),
});
export type DiscoveryBook = Static<typeof DiscoveryBook>;

export const EMPTY_DISCOVERY: DiscoveryBook = { schemaVersion: 1 };
