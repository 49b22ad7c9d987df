import { type Static, type TSchema, Type } from "typebox";

/** Objects that other tools rely on: additive changes only, so unknown keys must not break a reader. */
function shape<T extends Record<string, TSchema>>(properties: T) {
  return Type.Object(properties, { additionalProperties: true });
}

const InstantText = Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$" });
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Count = Type.Integer({ minimum: 0 });
const Fraction = nullable(Type.Number({ minimum: 0, maximum: 1 }));
const LevelName = Type.Unsafe<"none" | "warning" | "critical" | "emergency">({
  type: "string",
  enum: ["none", "warning", "critical", "emergency"],
});

const CredentialRow = shape({
  name: Type.String(),
  type: Type.String(),
  service: Type.String(),
  state: Type.Unsafe<"active" | "stale" | "expired" | "compromised" | "retired">({
    type: "string",
    enum: ["active", "stale", "expired", "compromised", "retired"],
  }),
  level: LevelName,
  dueAt: nullable(InstantText),
  daysUntilDue: nullable(Type.Integer()),
  policy: nullable(Type.String()),
  exception: nullable(Type.String()),
});

const FindingRow = shape({
  code: Type.String(),
  level: LevelName,
  credential: nullable(Type.String()),
  policy: nullable(Type.String()),
  message: Type.String(),
  fix: Type.String(),
  file: nullable(Type.String()),
  line: nullable(Type.Integer({ minimum: 1 })),
  fingerprint: Type.String({ pattern: "^[0-9a-f]{16}$" }),
  waivedBy: nullable(Type.String()),
});

/** `evaluate --format json`. */
export const EvaluationReport = shape({
  apiVersion: Type.Literal("cre/v1"),
  kind: Type.Literal("Evaluation"),
  asOf: InstantText,
  commit: nullable(Type.String()),
  stateCommit: nullable(Type.String()),
  summary: shape({
    credentials: Count,
    active: Count,
    stale: Count,
    expired: Count,
    compromised: Count,
    retired: Count,
    waived: Count,
    compliance: shape({ strict: Fraction, adjusted: Fraction }),
  }),
  credentials: Type.Array(CredentialRow),
  findings: Type.Array(FindingRow),
});
export type EvaluationReport = Static<typeof EvaluationReport>;

/** `validate --format json`. */
export const ProblemsReport = shape({
  ok: Type.Boolean(),
  documents: Count,
  problems: Type.Array(
    shape({
      file: Type.String(),
      line: Type.Integer({ minimum: 1 }),
      column: Type.Integer({ minimum: 1 }),
      code: Type.String(),
      message: Type.String(),
      fix: Type.String(),
    }),
  ),
});
export type ProblemsReport = Static<typeof ProblemsReport>;

/** `plan --format json`. */
export const PlanReport = shape({
  asOf: InstantText,
  items: Type.Array(
    shape({
      credential: Type.String(),
      action: Type.Unsafe<"start" | "adopt" | "advance" | "recover" | "wait" | "skip" | "refuse">({
        type: "string",
        enum: ["start", "adopt", "advance", "recover", "wait", "skip", "refuse"],
      }),
      reason: Type.String(),
      step: nullable(Type.String()),
      notBefore: nullable(InstantText),
    }),
  ),
});
export type PlanReport = Static<typeof PlanReport>;

/** JSON outputs with a published schema, by the name of its file in `registry/schema/`. */
export const PUBLISHED: Readonly<Record<"evaluation" | "problems" | "plan", TSchema>> = {
  evaluation: EvaluationReport,
  problems: ProblemsReport,
  plan: PlanReport,
};
