import { type Static, type TSchema, Type } from "typebox";
import { nullable, shape } from "../../evaluate/schema-shapes.ts";
import { CredentialRow, ReportModel } from "../report-schema.ts";

const model = ReportModel.properties;
const row = CredentialRow.properties;
const rotation = model.rotations.items.properties;

/** What every file of the API begins with. */
function file<Kind extends string, Parts extends Record<string, TSchema>>(kind: Kind, parts: Parts) {
  return shape({
    apiVersion: Type.Literal("cre/v1"),
    kind: Type.Literal(kind),
    identity: model.identity,
    ...parts,
  });
}

/** One credential as lists show it; the rest is in its own file. */
export const CredentialLine = shape({
  name: row.name,
  type: row.type,
  service: row.service,
  team: row.team,
  contact: row.contact,
  labels: row.labels,
  method: row.method,
  provider: row.provider,
  state: row.state,
  level: row.level,
  compliantStrict: row.compliantStrict,
  compliantAdjusted: row.compliantAdjusted,
  lastRotatedAt: row.lastRotatedAt,
  dueAt: row.dueAt,
  daysUntilDue: row.daysUntilDue,
  policy: row.policy,
  exception: row.exception,
  findings: row.findings,
  /** How its open rotation stands; null: none is open. */
  rotation: nullable(rotation.stands),
});
export type CredentialLine = Static<typeof CredentialLine>;

/** One credential with all that belongs to it. */
export const CredentialDetail = shape({
  credential: CredentialRow,
  findings: model.findings,
  rotations: model.rotations,
  exceptions: model.exceptions,
  incidents: model.incidents,
});
export type CredentialDetail = Static<typeof CredentialDetail>;

const controls = model.controls.anyOf[0].properties;

/** The schema of each kind of file of `api/v1`, by its name in `registry/schema/`. */
export const API_SCHEMAS = {
  "report-index": file("ReportIndex", {
    /** Version of this folder: within it, members are only ever added. */
    api: Type.Literal("v1"),
    population: model.population,
    /** Paths below the folder of this file; `{name}` and `{id}` are put in. */
    links: Type.Array(
      shape({ path: Type.String(), schema: Type.String(), names: nullable(Type.Array(Type.String())) }),
    ),
  }),
  "report-scorecard": file("Scorecard", {
    health: model.health,
    scorecard: model.scorecard,
    population: model.population,
    trend: model.trend,
  }),
  "report-timeline": file("Timeline", { timeline: model.timeline }),
  "report-credentials": file("Credentials", { credentials: Type.Array(CredentialLine) }),
  "report-credential": file("Credential", CredentialDetail.properties),
  "report-findings": file("Findings", { findings: model.findings }),
  "report-open-work": file("OpenWork", {
    rotations: model.rotations,
    incidents: model.incidents,
    holds: model.holds,
  }),
  "report-exceptions": file("Exceptions", { exceptions: model.exceptions }),
  "report-framework": file("Framework", {
    framework: controls.frameworks.items,
    /** Those that its controls name, on the credentials that it is about. */
    checks: controls.checks,
  }),
  "report-period": file("Period", { period: model.period.anyOf[0] }),
  "report-discovery": file("Discovery", { discovery: model.discovery.anyOf[0] }),
} as const;
export type ApiSchema = keyof typeof API_SCHEMAS;
