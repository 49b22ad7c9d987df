import { type Static, type TSchema, Type } from "typebox";
import { AccessReport } from "../access/access-rows.ts";
import { ComplianceReport } from "../compliance/compliance-report.ts";
import { Framework } from "../compliance/framework.ts";
import { ImpactReport } from "../impact/impact-report.ts";
import { AlertNotice } from "../messages/alert-notice.ts";
import { API_SCHEMAS, type ApiSchema } from "../report/api/api-schemas.ts";
import { DiscoveryReport } from "../report/discovery-report.ts";
import { ReportModel } from "../report/report-schema.ts";
import {
  Count,
  FindingRow,
  Fraction,
  InstantText,
  LevelName,
  nullable,
  ProblemRow,
  shape,
} from "./schema-shapes.ts";

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
  problems: Type.Array(ProblemRow),
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

/** JSON outputs, and what people write beside documents, with a published schema: by the name of its file in `registry/schema/`. */
export const PUBLISHED: Readonly<
  Record<
    | "access"
    | "alert"
    | "evaluation"
    | "problems"
    | "plan"
    | "impact"
    | "controls"
    | "discovery"
    | "framework"
    | "report"
    | ApiSchema,
    TSchema
  >
> = {
  alert: AlertNotice,
  evaluation: EvaluationReport,
  problems: ProblemsReport,
  plan: PlanReport,
  impact: ImpactReport,
  controls: ComplianceReport,
  discovery: DiscoveryReport,
  access: AccessReport,
  framework: Framework,
  report: ReportModel,
  ...API_SCHEMAS,
};
