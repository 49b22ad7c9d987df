import { type Static, Type } from "typebox";
import { Count, Fraction, InstantText, nullable, shape, word } from "../evaluate/schema-shapes.ts";

const Text = Type.String();
const MaybeText = nullable(Text);
const MaybeInstant = nullable(InstantText);

/** A fraction with what it is made of, so that nobody has to trust the percentage. */
export const Ratio = shape({ numerator: Count, denominator: Count, fraction: Fraction });
export type Ratio = Static<typeof Ratio>;

/** One rotation of a credential, as the trail tells it. */
export const RotationStory = shape({
  rotation: Text,
  /** `unknown`: the entry that opened it cannot be read. */
  reason: word(["due", "requested", "compromised", "retired", "adoption", "unknown"]),
  emergency: Type.Boolean(),
  openedAt: InstantText,
  /** When the new version was proven in use. */
  confirmedAt: MaybeInstant,
  /** When the old version was read back as dead. */
  oldEndedAt: MaybeInstant,
  outcome: word(["open", "parked", "done", "aborted", "rolled-back"]),
  /** Person or workflow that caused it. */
  actor: Text,
  /** Handle of the version that it brought. */
  handle: MaybeText,
  /** First and last entry of the trail about it. */
  fromSeq: Count,
  toSeq: Count,
});
export type RotationStory = Static<typeof RotationStory>;

/** One entry of the trail about a credential, in words. */
export const TrailLine = shape({
  seq: Count,
  time: InstantText,
  actor: Text,
  event: Text,
  step: MaybeText,
  outcome: MaybeText,
  text: Text,
});
export type TrailLine = Static<typeof TrailLine>;

/** How compliant everything was at an instant. */
export const TrendPoint = shape({
  at: InstantText,
  credentials: Count,
  strict: Ratio,
  adjusted: Ratio,
});
export type TrendPoint = Static<typeof TrendPoint>;

/** What a period comes to, in numbers. */
const PeriodFigures = shape({
  /** Due dates that fell into it, without those that lie ahead (`open`): on time, late and unmet together. */
  due: Count,
  onTime: Count,
  late: Count,
  /** Not met when it ended. */
  unmet: Count,
  rotationsCompleted: Count,
  rotationsFailed: Count,
  rotationsOpen: Count,
  compromises: Count,
  compromisesInTime: Count,
  exceptions: Count,
  changes: Count,
  changesApproved: Count,
});
export type PeriodFigures = Static<typeof PeriodFigures>;

/** What happened in a period, also to credentials that are retired or gone since. */
export const PeriodRows = shape({
  /** As it was asked for: `2026-Q3`. */
  words: Text,
  from: InstantText,
  /** Exclusive. */
  to: InstantText,
  figures: PeriodFigures,
  /** The period of the same length before it; null: the history does not reach back so far. */
  previous: nullable(shape({ from: InstantText, to: InstantText, figures: PeriodFigures })),
  dueDates: Type.Array(
    shape({
      id: Text,
      credential: Text,
      service: Text,
      team: Text,
      policy: MaybeText,
      dueAt: InstantText,
      metAt: MaybeInstant,
      daysLate: nullable(Type.Integer()),
      result: word(["on-time", "late", "unmet", "open"]),
      rotation: MaybeText,
      /** It is not in the registry any more, or retired. */
      gone: Type.Boolean(),
    }),
  ),
  rotations: Type.Array(
    shape({
      id: Text,
      credential: Text,
      reason: Text,
      emergency: Type.Boolean(),
      openedAt: InstantText,
      confirmedAt: MaybeInstant,
      oldEndedAt: MaybeInstant,
      outcome: Text,
      actor: Text,
    }),
  ),
  compromises: Type.Array(
    shape({
      id: Text,
      credential: Text,
      reportedAt: InstantText,
      by: Text,
      reason: Text,
      replacedAt: MaybeInstant,
      revokedAt: MaybeInstant,
      withinSeconds: Count,
      inTime: nullable(Type.Boolean()),
    }),
  ),
  exceptions: Type.Array(
    shape({
      id: Text,
      about: Text,
      startsAt: InstantText,
      expiresAt: InstantText,
      requestedBy: Text,
      approvers: Type.Array(Text),
      justification: Text,
    }),
  ),
  changes: Type.Array(
    shape({
      id: Text,
      commit: Text,
      time: InstantText,
      author: Text,
      kind: Text,
      name: Text,
      change: word(["added", "changed", "removed", "renamed"]),
      approval: word(["forge-review", "signed-trailer", "none"]),
      approvers: Type.Array(Text),
    }),
  ),
});
export type PeriodRows = Static<typeof PeriodRows>;

const Found = shape({
  kind: Text,
  handle: Text,
  place: Text,
  source: Text,
  firstSeenAt: InstantText,
  createdAt: MaybeInstant,
  lastUsedAt: MaybeInstant,
  expiresAt: MaybeInstant,
  live: Type.Boolean(),
  detail: Type.Record(Type.String(), Text),
  concerns: Type.Array(Text),
  ownerGuess: MaybeText,
  /** Name of the exception that says to leave it. */
  waivedBy: MaybeText,
});

/** What discovery has on record. */
export const DiscoveryRows = shape({
  sources: Type.Array(
    shape({
      name: Text,
      kind: Text,
      /** The newest look; null: there was none yet. */
      scannedAt: MaybeInstant,
      complete: Type.Boolean(),
      late: Type.Boolean(),
      scanned: Count,
      sightings: Count,
      problems: Type.Array(Text),
    }),
  ),
  /** Registered credentials that a source showed, of all that sources could show. */
  managed: Ratio,
  unmanaged: Type.Array(Found),
  ghosts: Type.Array(shape({ credential: Text, handle: MaybeText, source: Text, since: InstantText })),
  drift: Type.Array(
    shape({ credential: Text, handle: Text, source: Text, recorded: Text, seen: Text, since: InstantText }),
  ),
  shared: Type.Array(shape({ handle: Text, kind: Text, credential: MaybeText, places: Type.Array(Text) })),
});
export type DiscoveryRows = Static<typeof DiscoveryRows>;
