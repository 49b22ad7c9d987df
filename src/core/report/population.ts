import type { ReportModel } from "./report-schema.ts";

type Population = ReportModel["population"];

/** How many rows each list of a report has; where it has no such part, none. */
export function populationOf(lists: Omit<ReportModel, "population">): Population {
  const { credentials, findings, controls, period, discovery } = lists;
  const total = (of: (row: (typeof credentials)[number]) => number): number =>
    credentials.reduce((sum, row) => sum + of(row), 0);
  return {
    credentials: credentials.length,
    findings: findings.length,
    waivedFindings: findings.filter(({ waivedBy }) => waivedBy !== null).length,
    rotations: lists.rotations.length,
    timeline: lists.timeline.dueDates.length,
    exceptions: lists.exceptions.length,
    incidents: lists.incidents.length,
    holds: lists.holds.length,
    policies: lists.policies.length,
    access: total(({ access }) => access?.length ?? 0),
    versions: total(({ versions }) => versions.length),
    history: total(({ history }) => history.length),
    trend: lists.trend.length,
    checks: controls?.checks.length ?? 0,
    controls: (controls?.frameworks ?? []).reduce((sum, framework) => sum + framework.controls.length, 0),
    periodDueDates: period?.dueDates.length ?? 0,
    periodRotations: period?.rotations.length ?? 0,
    periodCompromises: period?.compromises.length ?? 0,
    periodExceptions: period?.exceptions.length ?? 0,
    periodChanges: period?.changes.length ?? 0,
    sources: discovery?.sources.length ?? 0,
    unmanaged: discovery?.unmanaged.length ?? 0,
    ghosts: discovery?.ghosts.length ?? 0,
    drift: discovery?.drift.length ?? 0,
    shared: discovery?.shared.length ?? 0,
  };
}
