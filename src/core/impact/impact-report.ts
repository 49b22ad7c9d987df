import { type Static, Type } from "typebox";
import {
  Count,
  FindingRow,
  Fraction,
  InstantText,
  nullable,
  ProblemRow,
  shape,
  word,
} from "../evaluate/schema-shapes.ts";

/** Kinds of high-risk changes, gravest first: the order in which they are told. */
export const RISK_CODES = [
  "provider-changed",
  "target-changed",
  "connection-changed",
  "allow-widened",
  "zone-changed",
  "trusted-file-changed",
  "settings-changed",
  "compromise-removed",
  "removed-without-retirement",
  "policy-removed",
  "policy-loosened",
  "method-changed",
  "due-date-loosened",
  "everything-held",
  "exception-added",
  "exception-lengthened",
  "connection-added",
] as const;

/** How a credential counts: `outside` are retired ones, `absent` those that there are none of. */
export const STANDINGS = ["compliant", "exempt", "failing", "outside", "absent"] as const;

const Standing = word(STANDINGS);
const Line = Type.Integer({ minimum: 1 });
const Place = { file: Type.String(), line: Line };

const Compliance = shape({
  population: Count,
  strict: Count,
  adjusted: Count,
  strictFraction: Fraction,
  adjustedFraction: Fraction,
});

const Rotation = shape({
  credential: Type.String(),
  action: word(["start", "adopt"]),
  reason: Type.String(),
});

/** `impact --format json`: what a change of documents does to compliance. */
export const ImpactReport = shape({
  apiVersion: Type.Literal("cre/v1"),
  kind: Type.Literal("Impact"),
  asOf: InstantText,
  /** Commit that the change is compared with. */
  base: nullable(Type.String()),
  stateCommit: nullable(Type.String()),
  headline: Type.String(),
  /** What a reader has to know about the comparison itself. */
  notes: Type.Array(Type.String()),
  /** Of the documents with the change; what they are about counts as unchanged. */
  problems: Type.Array(ProblemRow),
  compliance: shape({ before: Compliance, after: Compliance }),
  /** What a change of a connection, a provider or a target has to pass before it is used; null: nothing. */
  guard: nullable(shape({ approval: Type.Boolean(), cooldown: Type.String() })),
  risks: Type.Array(
    shape({
      code: word(RISK_CODES),
      kind: Type.String(),
      name: Type.String(),
      ...Place,
      message: Type.String(),
      /** What it is about rests until the change has passed the guard. */
      onHold: Type.Boolean(),
    }),
  ),
  added: Type.Array(shape({ credential: Type.String(), standing: Standing, ...Place })),
  removed: Type.Array(shape({ credential: Type.String(), retired: Type.Boolean(), ...Place })),
  renamed: Type.Array(shape({ credential: Type.String(), formerName: Type.String() })),
  retired: Type.Array(shape({ credential: Type.String(), retiredAt: InstantText, ...Place })),
  /** Credentials that are there before or after and count differently. */
  standings: Type.Array(
    shape({
      credential: Type.String(),
      before: Standing,
      after: Standing,
      exception: nullable(Type.String()),
      causes: Type.Array(Type.String()),
    }),
  ),
  dueDates: Type.Array(
    shape({
      credential: Type.String(),
      before: nullable(InstantText),
      after: nullable(InstantText),
      /** Days by which it moves; null where there is none before or after. */
      days: nullable(Type.Integer()),
      direction: word(["earlier", "later"]),
      /** Later, and not because somebody says that it was renewed. */
      loosening: Type.Boolean(),
      causes: Type.Array(Type.String()),
    }),
  ),
  /** Unwaived ones that were not there before, and those that are no longer there or waived now. */
  findings: shape({ appeared: Type.Array(FindingRow), vanished: Type.Array(FindingRow) }),
  rotations: shape({ follow: Type.Array(Rotation), noLonger: Type.Array(Rotation) }),
});
export type ImpactReport = Static<typeof ImpactReport>;
export type Risk = ImpactReport["risks"][number];
export type Standing = (typeof STANDINGS)[number];
