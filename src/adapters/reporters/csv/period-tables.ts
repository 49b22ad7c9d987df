import type { PeriodRows } from "../../../core/report/history-schema.ts";
import type { ReportModel } from "../../../core/report/report-schema.ts";
import { type Table, table } from "./table.ts";

type List = "dueDates" | "rotations" | "compromises" | "exceptions" | "changes";

function of<Name extends List>(name: Name): (model: ReportModel) => readonly PeriodRows[Name][number][] {
  return ({ period }) => period?.[name] ?? [];
}

/** What happened in the period of a report: the populations that an auditor samples from. */
export const PERIOD_TABLES: Readonly<Record<string, Table>> = {
  "period-due-dates": table(of("dueDates"))({
    id: "id",
    credential: "credential",
    service: "service",
    team: "team",
    policy: "policy",
    "due at": "dueAt",
    "met at": "metAt",
    "days late": "daysLate",
    result: "result",
    rotation: "rotation",
    gone: "gone",
  }),
  "period-rotations": table(of("rotations"))({
    rotation: "id",
    credential: "credential",
    reason: "reason",
    emergency: "emergency",
    "opened at": "openedAt",
    "confirmed at": "confirmedAt",
    "old ended at": "oldEndedAt",
    outcome: "outcome",
    actor: "actor",
  }),
  "period-compromises": table(of("compromises"))({
    id: "id",
    credential: "credential",
    "reported at": "reportedAt",
    by: "by",
    reason: "reason",
    "replaced at": "replacedAt",
    "revoked at": "revokedAt",
    "within seconds": "withinSeconds",
    "in time": "inTime",
  }),
  "period-exceptions": table(of("exceptions"))({
    exception: "id",
    about: "about",
    "starts at": "startsAt",
    "expires at": "expiresAt",
    "requested by": "requestedBy",
    approvers: ({ approvers }) => approvers,
    justification: "justification",
  }),
  "period-changes": table(of("changes"))({
    id: "id",
    commit: "commit",
    time: "time",
    author: "author",
    kind: "kind",
    name: "name",
    change: "change",
    approval: "approval",
    approvers: ({ approvers }) => approvers,
  }),
};
