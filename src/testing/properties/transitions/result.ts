import type { Step } from "../../../core/state/status.ts";
import type { Place } from "./place.ts";

/** What can happen to a rotation, one column of the table. */
export const EVENTS = [
  "goes on",
  "held or shut",
  "document gone",
  "applied",
  "refused",
  "in doubt",
  "look fails",
  "run dies",
  "retry",
  "proceed",
  "rollback",
  "incident",
] as const;
export type EventName = (typeof EVENTS)[number];

/** What came of an event. */
export interface Result {
  readonly event: EventName;
  /** In a word or two: `rests (grace)`, `does stage`, `to confirm`, `refused`. */
  readonly word: string;
  /** Where it stands now; absent: as before. */
  readonly next?: Place;
  /** The record moved on without an effect: what must never go in a circle. The key tells situations apart. */
  readonly free?: string;
  /** An effect was decided and is intended next. */
  readonly effect?: Step;
  /** What was shut when it was decided. */
  readonly gate?: string;
}
