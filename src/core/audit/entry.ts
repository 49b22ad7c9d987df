import { type Static, Type } from "typebox";
import { InstantText, record } from "../state/common.ts";

const Outcome = Type.Unsafe<
  "intended" | "applied" | "refused" | "unknown" | "done" | "failed" | "waiting" | "parked"
>({
  type: "string",
  enum: ["intended", "applied", "refused", "unknown", "done", "failed", "waiting", "parked"],
});

/** One line of the audit trail (design section 3). `hash` covers the RFC 8785 form of all else. */
export const AuditEntry = record({
  seq: Type.Integer({ minimum: 1 }),
  prev: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  time: InstantText,
  /** Person or workflow that caused it. */
  actor: Type.String(),
  run: Type.String(),
  event: Type.String({ pattern: "^[a-z]+(-[a-z]+)*(\\.[a-z]+(-[a-z]+)*)*$" }),
  credential: Type.Optional(Type.String()),
  rotation: Type.Optional(Type.String()),
  attempt: Type.Optional(Type.String()),
  step: Type.Optional(Type.String()),
  outcome: Type.Optional(Outcome),
  /** Commit of the documents that were in force. */
  inputs: Type.Optional(Type.String()),
  /** Public facts: handles, evidence, reasons. Never a secret or an unkeyed hash of one. */
  detail: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  hash: Type.String({ pattern: "^[0-9a-f]{64}$" }),
});
export type AuditEntry = Static<typeof AuditEntry>;

/** What a step says; sequence, chain and run are added when the segment is sealed, again after a rejected push. */
export type AuditEvent = Omit<AuditEntry, "seq" | "prev" | "hash" | "run" | "actor"> & {
  readonly actor?: string;
};

export const GENESIS = "0".repeat(64);
