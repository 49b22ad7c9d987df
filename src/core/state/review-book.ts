import { type Static, Type } from "typebox";
import type { SettingsSpec } from "../documents/settings.ts";
import { InstantText, record, word } from "./common.ts";

/** What the forge said about the change that brought a document, and what follows from it. */
export const ReviewFact = record({
  /** Of people's words: `Exception orders-db-freeze`. */
  document: Type.String(),
  verdict: word(["approved", "self-approved", "void"]),
  reason: Type.String(),
  /** Nothing that people do to the change can make it another one: it is not asked about again. */
  settled: Type.Boolean(),
  at: InstantText,
  /** Commit of the default branch that brought it, with the file and its blob there. */
  commit: Type.String(),
  file: Type.String(),
  blob: Type.String(),
  change: Type.Optional(record({ number: Type.Integer(), url: Type.String(), author: Type.String() })),
  /** Logins whose approval counts. */
  approvers: Type.Array(Type.String()),
  /** Commit of the change that they looked at. */
  reviewed: Type.Optional(Type.String()),
  /** When it was both approved and merged. */
  approvedAt: Type.Optional(InstantText),
});
export type ReviewFact = Static<typeof ReviewFact>;

/** A place that secrets come from or go to: which form of it is in force, and which one waits to be. */
export const TargetFact = record({
  /** The form that is used, and a commit of the documents that has it. */
  accepted: record({ digest: Type.String(), commit: Type.String() }),
  /** Came beside others that were known: nobody may be switched to it before another person approved it. */
  unreviewed: Type.Optional(Type.Boolean()),
  /** What the forge said while it was unreviewed. */
  asked: Type.Optional(ReviewFact),
  /** The form that documents give it now. */
  pending: Type.Optional(
    record({ digest: Type.String(), since: InstantText, review: Type.Optional(ReviewFact) }),
  ),
});
export type TargetFact = Static<typeof TargetFact>;

/** A credential whose document vanished before its retirement. */
export const VanishedFact = record({
  file: Type.String(),
  commit: Type.String(),
  author: Type.String(),
  at: InstantText,
});
export type VanishedFact = Static<typeof VanishedFact>;

/** What the settings ask of a change of a target: the most that is in force. */
export const GuardFact = record({
  approval: Type.Boolean(),
  /** Seconds. */
  cooldown: Type.Integer(),
  /** The forge that says who approved what. */
  forge: Type.Optional(Type.Unsafe<NonNullable<SettingsSpec["forge"]>>({ type: "object" })),
  /** The settings ask for less since then; that is not in force yet. */
  loosened: Type.Optional(record({ to: Type.String(), since: InstantText })),
});
export type GuardFact = Static<typeof GuardFact>;

/** `registry/status/_reviews.json`: who approved what, as the forge said when it was first asked. */
export const ReviewBook = record({
  schemaVersion: Type.Literal(1),
  /** Verdicts on exceptions, by the digest of the document. */
  exceptions: Type.Optional(Type.Record(Type.String(), ReviewFact)),
  /** By the kind and the name of what describes the place: `Connection orders-hook`. Absent: nobody has looked yet. */
  targets: Type.Optional(Type.Record(Type.String(), TargetFact)),
  guard: Type.Optional(GuardFact),
  /** By the name of the credential. */
  vanished: Type.Optional(Type.Record(Type.String(), VanishedFact)),
});
export type ReviewBook = Static<typeof ReviewBook>;

export const EMPTY_REVIEWS: ReviewBook = { schemaVersion: 1 };
