import { readFramework } from "../../adapters/documents/read-framework.ts";
import { FRAMEWORK_TEXTS } from "../../adapters/documents/shipped-frameworks.ts";
import { complianceOf } from "../../core/compliance/compliance-of.ts";
import { complianceReport } from "../../core/compliance/compliance-report.ts";
import type { Framework } from "../../core/compliance/framework.ts";
import { SHIPPED_FRAMEWORKS } from "../../core/compliance/shipped-names.ts";
import { evaluate } from "../../core/evaluate/evaluate.ts";
import { parseInstant } from "../../core/model/instant.ts";
import type { PeriodFigures, RotationStory, TrailLine } from "../../core/report/history-schema.ts";
import { populationOf } from "../../core/report/population.ts";
import type { ReportModel } from "../../core/report/report-schema.ts";
import { at, documents, records, sha256 } from "../evaluation/world.ts";
import { SAMPLE_DISCOVERY } from "./sample-discovery.ts";
import { HOSTILE, NOW, RECORDS, sampleReport, WORLD } from "./sample-report.ts";

/** A report that has something in every part there is, in the words of people who try what happens. */
export function fullReport(): ReportModel {
  const { population, ...model } = sampleReport();
  const lists: Omit<ReportModel, "population"> = {
    ...model,
    credentials: model.credentials.map((row) =>
      row.name === "database" ? { ...row, history: [CONFIRMED, ADOPTED], trail: TRAIL } : row,
    ),
    trend: [
      point("2026-01-01T00:00:00Z", 4, 3, 6),
      point("2026-02-01T00:00:00Z", 5, 5, 7),
      point("2026-03-01T00:00:00Z", 4, 3, 7),
      {
        at: at(NOW),
        credentials: population.credentials,
        strict: model.scorecard.strict,
        adjusted: model.scorecard.adjusted,
      },
    ],
    controls: controls(),
    period: PERIOD,
    discovery: SAMPLE_DISCOVERY,
  };
  return { ...lists, population: populationOf(lists) };
}

function point(when: string, adjusted: number, strict: number, of: number): ReportModel["trend"][number] {
  return { at: instant(when), credentials: of + 1, strict: ratio(strict, of), adjusted: ratio(adjusted, of) };
}

function ratio(numerator: number, denominator: number) {
  return { numerator, denominator, fraction: denominator === 0 ? null : numerator / denominator };
}

function instant(text: string) {
  const parsed = parseInstant(text);
  if (parsed === undefined) throw new Error(`${text} is no instant`);
  return parsed;
}

function controls(): NonNullable<ReportModel["controls"]> {
  const input = { documents: documents(...WORLD), state: records(RECORDS) };
  const evaluation = evaluate({ ...input, now: at(NOW), commit: "c".repeat(40), sha256 });
  const frameworks = SHIPPED_FRAMEWORKS.map((name): Framework => {
    const found = readFramework(`frameworks/${name}.yaml`, new TextEncoder().encode(FRAMEWORK_TEXTS[name]));
    if (!("framework" in found)) throw new Error(`${name} is invalid`);
    return found.framework;
  });
  const compliance = complianceOf({ ...input, evaluation, sha256, leftOut: 0 }, frameworks);
  const report = complianceReport(compliance, { asOf: at(NOW), commit: "c", stateCommit: "d" });
  return { checks: report.checks, frameworks: report.frameworks };
}

const CONFIRMED: RotationStory = {
  rotation: "0195aa00-0000-7000-8000-000000000002",
  reason: "due",
  emergency: false,
  openedAt: "2026-02-19T22:00:00Z",
  confirmedAt: "2026-02-20T00:00:00Z",
  oldEndedAt: null,
  outcome: "open",
  actor: "enforce workflow",
  handle: "v-2026-02-20",
  fromSeq: 12,
  toSeq: 19,
};
const ADOPTED: RotationStory = {
  ...CONFIRMED,
  rotation: "0195aa00-0000-7000-8000-000000000001",
  reason: "adoption",
  openedAt: "2026-01-01T00:00:00Z",
  confirmedAt: "2026-01-01T00:00:05Z",
  outcome: "done",
  handle: "v-2026-01-01",
  fromSeq: 2,
  toSeq: 4,
};

const TRAIL: TrailLine[] = [
  {
    seq: 19,
    time: "2026-02-20T00:00:00Z",
    actor: "enforce workflow",
    event: "rotation.confirmed",
    step: "confirm",
    outcome: "done",
    text: "the new version is proven in use: current at orders-api",
  },
  {
    seq: 12,
    time: "2026-02-19T22:00:00Z",
    actor: HOSTILE.html,
    event: "step.done",
    step: "issue",
    outcome: "intended",
    text: HOSTILE.control,
  },
];

const FIGURES: PeriodFigures = {
  due: 4,
  onTime: 2,
  late: 1,
  unmet: 1,
  rotationsCompleted: 2,
  rotationsFailed: 1,
  rotationsOpen: 1,
  compromises: 1,
  compromisesInTime: 0,
  exceptions: 1,
  changes: 2,
  changesApproved: 1,
};

function dueDate(
  credential: string,
  dueAt: string,
  metAt: string | null,
  daysLate: number | null,
  result: "on-time" | "late" | "unmet",
): NonNullable<ReportModel["period"]>["dueDates"][number] {
  return {
    id: `${credential}@${dueAt}`,
    credential,
    service: "orders",
    team: "orders",
    policy: "keys",
    dueAt,
    metAt,
    daysLate,
    result,
    rotation: null,
    gone: credential === "gone",
  };
}

const PERIOD: NonNullable<ReportModel["period"]> = {
  words: "2026-01-01..2026-03-09",
  from: "2026-01-01T00:00:00Z",
  to: "2026-03-10T00:00:00Z",
  figures: FIGURES,
  previous: {
    from: "2025-10-24T00:00:00Z",
    to: "2026-01-01T00:00:00Z",
    figures: { ...FIGURES, due: 3, onTime: 1 },
  },
  dueDates: [
    dueDate("database", "2026-02-21T00:00:00Z", "2026-02-20T00:00:00Z", null, "on-time"),
    dueDate("gone", "2026-02-22T00:00:00Z", "2026-02-20T00:00:00Z", null, "on-time"),
    dueDate("active", "2026-02-25T00:00:00Z", "2026-03-01T00:00:00Z", 4, "late"),
    dueDate("overdue", "2026-03-03T00:00:00Z", null, null, "unmet"),
  ],
  rotations: [
    {
      id: CONFIRMED.rotation,
      credential: "database",
      reason: "due",
      emergency: false,
      openedAt: CONFIRMED.openedAt,
      confirmedAt: CONFIRMED.confirmedAt,
      oldEndedAt: null,
      outcome: "open",
      actor: CONFIRMED.actor,
    },
  ],
  compromises: [
    {
      id: "leaked@2026-03-05",
      credential: "leaked",
      reportedAt: "2026-03-05T00:00:00Z",
      by: HOSTILE.chinese,
      reason: HOSTILE.control,
      replacedAt: null,
      revokedAt: null,
      withinSeconds: 86_400,
      inTime: false,
    },
  ],
  exceptions: [
    {
      id: "season",
      about: "policy keys",
      startsAt: "2026-01-01T00:00:00Z",
      expiresAt: "2026-12-31T00:00:00Z",
      requestedBy: "bob",
      approvers: ["carol"],
      justification: `${HOSTILE.formula} and more`,
    },
  ],
  changes: [
    {
      id: "c1-keys",
      commit: "1".repeat(40),
      time: "2026-01-04T09:00:00Z",
      author: HOSTILE.html,
      kind: "Policy",
      name: "keys",
      change: "changed",
      approval: "forge-review",
      approvers: ["carol"],
    },
    {
      id: "c2-season",
      commit: "2".repeat(40),
      time: "2026-01-05T09:00:00Z",
      author: "bob",
      kind: "Exception",
      name: "season",
      change: "added",
      approval: "none",
      approvers: [],
    },
  ],
};
