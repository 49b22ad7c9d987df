import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import { compareText } from "../evaluate/order.ts";
import type { Ratio } from "./history-schema.ts";
import type { ReportModel } from "./report-schema.ts";

type Scorecard = ReportModel["scorecard"];
type Evaluated = readonly EvaluatedCredential[];

/** States, levels and compliance of these credentials, whole and by type, service and team. */
export function scorecardOf(credentials: Evaluated): Scorecard {
  const states = { active: 0, stale: 0, expired: 0, compromised: 0, retired: 0 };
  const levels = { none: 0, warning: 0, critical: 0, emergency: 0 };
  for (const { state, level } of credentials) {
    states[state] += 1;
    levels[level] += 1;
  }
  return {
    states,
    levels,
    ...ratiosOf(credentials),
    types: groups(credentials, ({ type }) => type),
    services: groups(credentials, ({ service }) => service),
    teams: groups(credentials, ({ owner }) => owner.team),
  };
}

/** Retired credentials are outside of the population that compliance is a fraction of. */
export function ratiosOf(credentials: Evaluated): { readonly strict: Ratio; readonly adjusted: Ratio } {
  const population = credentials.filter(({ state }) => state !== "retired");
  const strict = population.filter(({ compliantStrict }) => compliantStrict).length;
  const adjusted = population.filter(({ compliantAdjusted }) => compliantAdjusted).length;
  return { strict: ratio(strict, population.length), adjusted: ratio(adjusted, population.length) };
}

function ratio(numerator: number, denominator: number): Ratio {
  return { numerator, denominator, fraction: denominator === 0 ? null : numerator / denominator };
}

function groups(
  credentials: Evaluated,
  valueOf: (spec: EvaluatedCredential["source"]["document"]["spec"]) => string,
): Scorecard["types"] {
  const byValue = Map.groupBy(credentials, ({ source }) => valueOf(source.document.spec));
  return [...byValue]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([value, members]) => {
      const { strict, adjusted } = ratiosOf(members);
      return { value, credentials: members.length, strict, adjusted };
    });
}
