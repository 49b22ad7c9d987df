import { type Static, Type } from "typebox";
import type { Books } from "./books.ts";
import { InstantText, record, word } from "./common.ts";
import type { Status } from "./status.ts";

const Person = record({ by: Type.String(), at: InstantText, reason: Type.String() });

/** `incidents/<name>-<stamp>.json`: an emergency declared by command. */
export const Incident = record({
  schemaVersion: Type.Literal(1),
  id: Type.String(),
  credential: Type.String(),
  at: InstantText,
  by: Type.String(),
  reason: Type.String(),
  revokeFirst: Type.Optional(Type.Boolean()),
  /** A false alarm, taken back by `cre release`. */
  withdrawn: Type.Optional(Person),
});
export type Incident = Static<typeof Incident>;

/** `holds/<name>-<stamp>.json`: the stop button pressed by command. */
export const HoldFact = record({
  schemaVersion: Type.Literal(1),
  id: Type.String(),
  credentials: Type.Optional(Type.Array(Type.String())),
  all: Type.Optional(Type.Literal(true)),
  at: InstantText,
  until: InstantText,
  by: Type.String(),
  reason: Type.String(),
  released: Type.Optional(Person),
});
export type HoldFact = Static<typeof HoldFact>;

/** `requests/<name>-<stamp>.json`: a person's command for the next run, which consumes it. */
export const Request = record({
  schemaVersion: Type.Literal(1),
  id: Type.String(),
  verb: word(["retry", "rollback", "proceed"]),
  credential: Type.String(),
  at: InstantText,
  by: Type.String(),
  reason: Type.String(),
});
export type Request = Static<typeof Request>;

/** The newest entry of the audit chain. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
  readonly time: string;
}

/** A file of the machine that cannot be read: garbage, or written by a newer version. */
export interface UnreadableFile {
  readonly path: string;
  /** The credential it belongs to, as its path says. Nothing may start for it, and its file is never overwritten. */
  readonly credential?: string;
  readonly problem: string;
}

/** Everything the machine recorded, read from one commit of the state branch. */
export interface StateFacts {
  /** Name of the branch, without `refs/heads/`. */
  readonly branch: string;
  /** undefined: the state branch does not exist yet. */
  readonly commit: string | undefined;
  readonly statuses: ReadonlyMap<string, Status>;
  readonly incidents: ReadonlyMap<string, Incident>;
  readonly holds: ReadonlyMap<string, HoldFact>;
  readonly requests: ReadonlyMap<string, Request>;
  readonly auditHead: AuditHead | undefined;
  /** What is about the whole repository. Absent: nothing yet. */
  readonly books?: Books;
  /** Absent: every file could be read. One bad file does not stop the other credentials. */
  readonly unreadable?: readonly UnreadableFile[];
  /**
   * Set when this clone has seen a newer tip than the one it was given: the branch was reset or deleted. Nothing may
   * be acted on, since what was recorded after `commit` is forgotten there.
   */
  readonly rewoundFrom?: string;
}

export const EMPTY_STATE: StateFacts = {
  branch: "cre/state",
  commit: undefined,
  statuses: new Map(),
  incidents: new Map(),
  holds: new Map(),
  requests: new Map(),
  auditHead: undefined,
};
