import { type Static, Type } from "typebox";
import { Count, InstantText, nullable, shape, word } from "../evaluate/schema-shapes.ts";
import { CHECK_STATUSES, type CheckResult } from "./check-result.ts";
import { CHECKS } from "./check-table.ts";
import type { Compliance } from "./compliance-of.ts";
import { FITS } from "./framework.ts";

const Status = word(CHECK_STATUSES);
const Ids = Type.Array(Type.String());

const CheckRow = shape({
  check: Type.String(),
  name: Type.String(),
  title: Type.String(),
  status: Status,
  numerator: nullable(Count),
  denominator: nullable(Count),
  /** The numerator when exceptions count. */
  adjusted: nullable(Count),
  populationDigest: nullable(Type.String()),
  failing: Type.Array(shape({ id: Type.String(), why: Type.String(), exception: nullable(Type.String()) })),
  excluded: Type.Array(shape({ reason: Type.String(), ids: Ids })),
  evidence: Type.String(),
  not: Type.String(),
});
export type CheckRow = Static<typeof CheckRow>;

const ControlRow = shape({
  id: Type.String(),
  title: Type.String(),
  fit: word(FITS),
  status: Status,
  checks: Type.Array(shape({ check: Type.String(), status: Status })),
  failing: Ids,
  not: Type.String(),
  appliesWhen: nullable(Type.String()),
});

/** `controls --format json`. */
export const ComplianceReport = shape({
  apiVersion: Type.Literal("cre/v1"),
  kind: Type.Literal("Controls"),
  asOf: InstantText,
  commit: nullable(Type.String()),
  stateCommit: nullable(Type.String()),
  /** On the whole registry. */
  checks: Type.Array(CheckRow),
  frameworks: Type.Array(
    shape({
      id: Type.String(),
      title: Type.String(),
      version: Type.String(),
      caveat: nullable(Type.String()),
      /** Credentials that it is about. */
      credentials: Count,
      /** On these credentials; null: it is about all, and those of the whole registry are its own. */
      checks: nullable(Type.Array(CheckRow)),
      controls: Type.Array(ControlRow),
    }),
  ),
});
export type ComplianceReport = Static<typeof ComplianceReport>;

/** The moment and the commits that results are of. */
interface Moment {
  readonly asOf: ComplianceReport["asOf"];
  readonly commit: string | undefined;
  readonly stateCommit: string | undefined;
}

/** The stable JSON shape of the results. */
export function complianceReport({ checks, frameworks }: Compliance, moment: Moment): ComplianceReport {
  return {
    apiVersion: "cre/v1",
    kind: "Controls",
    asOf: moment.asOf,
    commit: moment.commit ?? null,
    stateCommit: moment.stateCommit ?? null,
    checks: checkRows(checks),
    frameworks: frameworks.map((result) => {
      const { metadata, spec } = result.framework;
      return {
        id: metadata.name,
        title: spec.title,
        version: spec.version,
        caveat: spec.caveat ?? null,
        credentials: result.credentials,
        checks: result.checks === checks ? null : checkRows(result.checks),
        controls: result.controls.map((control) => ({
          ...control,
          checks: [...control.checks],
          failing: [...control.failing],
        })),
      };
    }),
  };
}

function checkRows(results: readonly CheckResult[]): CheckRow[] {
  const byId = new Map(CHECKS.map((check) => [check.id, check]));
  return results.map((result) => {
    const { name = "", title = "", not = "" } = byId.get(result.check) ?? {};
    const { check, failing, excluded, ...counts } = result;
    return {
      check,
      name,
      title,
      ...counts,
      failing: [...failing],
      excluded: excluded.map(({ reason, ids }) => ({ reason, ids: [...ids] })),
      not,
    };
  });
}
