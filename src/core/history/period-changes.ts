import type { PeriodFacts } from "../compliance/check-input.ts";
import { instantIn } from "../evaluate/credential-facts.ts";
import { compareText } from "../evaluate/order.ts";
import type { PeriodRows } from "../report/history-schema.ts";
import { isIn } from "./period-dues.ts";
import type { PeriodInput } from "./period-input.ts";

type Change = PeriodRows["changes"][number];
type Exception = PeriodRows["exceptions"][number];

/** What people changed in the period, in the order of the commits. */
export function changeRows({ period, changes, approvals, isMeant }: PeriodInput): readonly Change[] {
  return changes
    .filter(({ at, kind, name }) => isIn(period, at) && (kind !== "Credential" || isMeant(name)))
    .map(({ commit, at, author, kind, name, change }) => {
      const said = approvals.of(kind, name, commit);
      return {
        id: `${commit.slice(0, 12)} ${kind} ${name}`,
        commit,
        time: at,
        author,
        kind,
        name,
        change,
        approval: said?.isApproved === true ? ("forge-review" as const) : ("none" as const),
        approvers: said?.isApproved === true ? [...said.approvers] : [],
      };
    });
}

/** Kinds that say what counts and where secrets go, whoever changes them. */
const GOVERNING: ReadonlySet<string> = new Set(["Policy", "Exception", "Connection", "Settings"]);

/**
 * Changes that another person has to approve: of what governs, and of where a credential's secret comes from or goes
 * to, which the forge was asked about. Who takes an exception back needs nobody's leave.
 */
export function changeFacts(rows: readonly Change[], { approvals }: PeriodInput): PeriodFacts["changes"] {
  return rows
    .filter(({ kind, name, commit, change }) => {
      if (kind === "Credential") return approvals.of(kind, name, commit) !== undefined;
      return GOVERNING.has(kind) && !(kind === "Exception" && change === "removed");
    })
    .map(({ id, approval }) => ({ id, approval }));
}

/** Exceptions that were in force at some time of the period, by name. */
export function exceptionRows({ exceptions, approvals, hasReviews }: PeriodInput): readonly Exception[] {
  return exceptions
    .map(({ document: { metadata, spec } }): Exception => {
      const { name } = metadata;
      const said = approvals.of("Exception", name);
      const declared = spec.approvedBy === undefined ? [] : [spec.approvedBy];
      return {
        id: name,
        about: spec.policy ?? spec.finding ?? "",
        startsAt: instantIn(spec.startsAt),
        expiresAt: instantIn(spec.expiresAt),
        requestedBy: spec.requestedBy,
        approvers: hasReviews ? [...(said?.isApproved === true ? said.approvers : [])] : declared,
        justification: spec.justification,
      };
    })
    .toSorted((a, b) => compareText(a.id, b.id));
}
