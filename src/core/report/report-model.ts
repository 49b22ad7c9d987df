import { evaluationReport } from "../evaluate/evaluation-report.ts";
import { judgeExceptions } from "../evaluate/exceptions.ts";
import { LEVELS } from "../evaluate/finding.ts";
import { credentialRow } from "./credential-row.ts";
import { discoveryRows } from "./discovery-rows.ts";
import { exceptionRows } from "./exception-rows.ts";
import { healthOf } from "./health.ts";
import { incidentRows } from "./incident-rows.ts";
import { openWork } from "./open-work.ts";
import { policyRows } from "./policy-rows.ts";
import { populationOf } from "./population.ts";
import type { ReportInput } from "./report-input.ts";
import type { ReportModel } from "./report-schema.ts";
import { scorecardOf } from "./scorecard.ts";
import { timelineOf } from "./timeline.ts";
import { warningsOf } from "./warnings.ts";

/**
 * The one model that every format of a report is made from. Pure: the same inputs give the same bytes; it knows
 * nothing of when it is made. Lists are sorted, and their lengths stand in `population`. With a selection it is about
 * those credentials alone: findings of the repository as a whole are left out.
 */
export function reportModel(input: ReportInput): ReportModel {
  const { evaluation, documents, state, selection, sha256 } = input;
  const { asOf } = evaluation;
  const isMeant = (name: string): boolean => selection?.names.has(name) ?? true;
  const evaluated = [...evaluation.credentials.values()].filter(({ name }) => isMeant(name));
  const credentials = evaluated.map((credential) =>
    credentialRow(
      credential,
      state.statuses.get(credential.name),
      input.history?.stories.get(credential.name),
      asOf,
    ),
  );
  const findings = worstFirst(evaluationReport(evaluation, selection?.names).findings);
  const work = openWork({ documents, state, evaluation, now: asOf }, undefined);
  const rotations = work.rotations.filter(({ credential }) => isMeant(credential)).map(rotationRow);
  const timeline = timelineOf(evaluated, asOf);
  const judged = judgeExceptions(documents, asOf, { book: state.books?.reviews, sha256 });
  const exceptions = exceptionRows(judged, evaluated, selection !== undefined, evaluation.findings);
  const incidents = incidentRows(documents, state, evaluation).filter(({ credential }) =>
    isMeant(credential),
  );
  const holds = work.holds.map(({ id, covers, until, by, reason }) => ({ id, covers, until, by, reason }));
  const health = healthOf(input);
  const scorecard = scorecardOf(evaluated);
  const policies = policyRows(documents, evaluated);
  const lists: Omit<ReportModel, "population"> = {
    apiVersion: "cre/v1",
    kind: "Report",
    identity: {
      repository: input.repository ?? null,
      commit: evaluation.commit ?? null,
      stateCommit: evaluation.stateCommit ?? null,
      asOf,
      clock: input.clock,
      selection: selection?.words ?? null,
      period: input.history?.period?.asked.words ?? null,
      periodFrom: input.history?.period?.asked.from ?? null,
      periodTo: input.history?.period?.asked.to ?? null,
      warnings: [...warningsOf(input, health)],
    },
    health,
    scorecard,
    credentials,
    findings,
    rotations,
    timeline,
    exceptions,
    incidents,
    holds,
    policies,
    trend: [
      ...(input.history?.trend ?? []),
      { at: asOf, credentials: credentials.length, strict: scorecard.strict, adjusted: scorecard.adjusted },
    ],
    controls: controlsOf(input),
    period: input.history?.period?.rows ?? null,
    discovery: selection === undefined ? discoveryRows({ documents, state, evaluation }) : null,
  };
  return { ...lists, population: populationOf(lists) };
}

/** What is not waived first, then by level; what is alike stays in the order of the evaluation. */
function worstFirst(findings: ReportModel["findings"]): ReportModel["findings"] {
  return findings.toSorted((a, b) => rankOf(b) - rankOf(a));
}

function rankOf({ level, waivedBy }: ReportModel["findings"][number]): number {
  return (waivedBy === null ? LEVELS.length : 0) + LEVELS.indexOf(level);
}

function rotationRow(
  line: ReturnType<typeof openWork>["rotations"][number],
): ReportModel["rotations"][number] {
  const { signingRequest: _signingRequest, help, ...row } = line;
  return { ...row, help: [...help] };
}

/** Controls are of a whole registry: of a selection nobody can say that they hold. */
function controlsOf({ controls, selection }: ReportInput): ReportModel["controls"] {
  if (controls === undefined || selection !== undefined) return null;
  return { checks: controls.checks, frameworks: controls.frameworks };
}
