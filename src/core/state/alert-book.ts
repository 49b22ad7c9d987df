import { type Static, Type } from "typebox";
import { InstantText, record, word } from "./common.ts";

const LevelWord = word(["warning", "critical", "emergency"]);
const Count = Type.Integer({ minimum: 0 });

/** What one destination was told of an alert. */
const Told = record({
  /** Key of the destination. */
  to: Type.String(),
  level: LevelWord,
  /** Of what draws near in stages (14, 7, 1 days): the stage. */
  within: Type.Optional(Count),
  /** When it was told first at this level. */
  at: InstantText,
  /** It was listed with its name, not only counted. */
  named: Type.Optional(Type.Literal(true)),
  /** It was told that somebody is at it: it stops calling people. */
  answered: Type.Optional(Type.Literal(true)),
});
export type Told = Static<typeof Told>;

/** One alert as long as anybody is still to be told anything of it. */
const AlertFact = record({
  code: Type.String(),
  credential: Type.Optional(Type.String()),
  policy: Type.Optional(Type.String()),
  level: LevelWord,
  within: Type.Optional(Count),
  /** When a run saw it first. */
  since: InstantText,
  /** When a run saw it open, rise, end or come back: a digest that was due after that was missed. */
  changed: InstantText,
  /** It is over, and somebody who was told of it does not know yet. */
  gone: Type.Optional(Type.Literal(true)),
  /** A snooze is on it: told as new when that ends. */
  snoozed: Type.Optional(Type.Literal(true)),
  told: Type.Array(Told),
  /** Destinations that it was escalated to: once each. */
  escalated: Type.Optional(Type.Array(Type.String())),
});
export type AlertFact = Static<typeof AlertFact>;

/** A digest to one destination at one time of day. */
const DigestFact = record({
  sent: Type.Optional(InstantText),
  /** The time of day that a run began to send it for: a later run goes on with it. */
  due: Type.Optional(InstantText),
});
export type DigestFact = Static<typeof DigestFact>;

/** Runs in a row after which a destination that cannot be told is a finding, and fails the run. */
export const FAILING_RUNS = 3;

/** A destination that could not be told, run after run; not counted beyond what is a finding. */
const Failing = record({
  runs: Type.Integer({ minimum: 1, maximum: FAILING_RUNS }),
  since: InstantText,
  reason: Type.String(),
});
export type Failing = Static<typeof Failing>;

/** A time without any run that was longer than twice the schedule. */
const Gap = record({ since: InstantText, until: InstantText, every: Type.String() });
export type Gap = Static<typeof Gap>;

const AbsentSecret = record({ reference: Type.String(), usedBy: Type.String() });
export type AbsentSecret = Static<typeof AbsentSecret>;

/** What only a run can see of the enforcer itself. */
const Watch = record({
  gaps: Type.Optional(Type.Array(Gap)),
  /** When the forge was asked last. */
  asked: Type.Optional(InstantText),
  disabled: Type.Optional(Type.Array(record({ workflow: Type.String(), detail: Type.String() }))),
  tokenEnds: Type.Optional(InstantText),
  /** By zone of the runner; `-` is the one without. */
  absent: Type.Optional(Type.Record(Type.String(), Type.Array(AbsentSecret))),
});
export type Watch = Static<typeof Watch>;

/** `registry/status/_alerts.json`: what people were told, so that nothing is told twice and nothing is lost. */
export const AlertBook = record({
  schemaVersion: Type.Literal(1),
  /** By fingerprint. */
  alerts: Type.Optional(Type.Record(Type.String(), AlertFact)),
  /** By destination and time of day. */
  digests: Type.Optional(Type.Record(Type.String(), DigestFact)),
  /** By destination. */
  failing: Type.Optional(Type.Record(Type.String(), Failing)),
  watch: Type.Optional(Watch),
});
export type AlertBook = Static<typeof AlertBook>;

export const EMPTY_BOOK: AlertBook = { schemaVersion: 1 };
