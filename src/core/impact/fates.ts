import type { Credential } from "../documents/credential.ts";
import type { EvaluatedCredential, EvaluationResult } from "../evaluate/evaluation.ts";
import { secondsBetween } from "../model/instant.ts";
import {
  type BothDocuments,
  type Cause,
  causeText,
  dueDateCauses,
  type Fate,
  standingCauses,
} from "./causes.ts";
import type { ImpactReport, Standing } from "./impact-report.ts";
import type { Pair } from "./pairs.ts";

/** What both evaluations make of each credential. */
export function fatesOf(
  pairs: readonly Pair<Credential>[],
  before: EvaluationResult,
  after: EvaluationResult,
): readonly Fate[] {
  return pairs.map((pair) => ({
    name: pair.name,
    before: before.credentials.get(pair.before?.document.metadata.name ?? ""),
    after: after.credentials.get(pair.after?.document.metadata.name ?? ""),
  }));
}

export function standingOf(evaluated: EvaluatedCredential | undefined): Standing {
  if (evaluated === undefined) return "absent";
  if (evaluated.state === "retired") return "outside";
  if (evaluated.compliantStrict) return "compliant";
  return evaluated.compliantAdjusted ? "exempt" : "failing";
}

/** Numbers of one world; retired credentials are outside of the population. */
export function complianceOf({ credentials }: EvaluationResult): ImpactReport["compliance"]["before"] {
  const standings = [...credentials.values()].map(standingOf);
  const count = (standing: Standing): number => standings.filter((one) => one === standing).length;
  const population = standings.length - count("outside");
  const strict = count("compliant");
  const adjusted = strict + count("exempt");
  return {
    population,
    strict,
    adjusted,
    strictFraction: population === 0 ? null : strict / population,
    adjustedFraction: population === 0 ? null : adjusted / population,
  };
}

/** Credentials that count differently, the worst first. */
export function standingChanges(fates: readonly Fate[], documents: BothDocuments): ImpactReport["standings"] {
  return fates
    .flatMap((fate) => {
      const [before, after] = [standingOf(fate.before), standingOf(fate.after)];
      if (before === after) return [];
      const exception = after === "exempt" ? fate.after?.exception : undefined;
      const causes =
        before === "absent" ? ["it is new here"] : standingCauses(fate, documents).map(causeText);
      return [{ credential: fate.name, before, after, exception: exception ?? null, causes: [...causes] }];
    })
    .toSorted((a, b) => BADNESS[a.after] - BADNESS[b.after]);
}

const BADNESS: Readonly<Record<Standing, number>> = {
  failing: 0,
  exempt: 1,
  compliant: 2,
  outside: 3,
  absent: 4,
};

/** Due dates that move, those first that move later, the furthest first. */
export function dueDateMoves(fates: readonly Fate[], documents: BothDocuments): ImpactReport["dueDates"] {
  return fates
    .flatMap((fate) => {
      const { name, before: old, after: now } = fate;
      if (old === undefined || now === undefined || old.dueAt === now.dueAt) return [];
      const [before, after] = [old.dueAt ?? null, now.dueAt ?? null];
      const direction = (after ?? "~") > (before ?? "~") ? ("later" as const) : ("earlier" as const);
      const causes = dueDateCauses(fate, documents);
      return [
        {
          credential: name,
          before,
          after,
          days: before === null || after === null ? null : wholeDays(secondsBetween(before, after)),
          direction,
          loosening: direction === "later" && !isRenewal(causes),
          causes: causes.map(causeText),
        },
      ];
    })
    .toSorted((a, b) => reach(b) - reach(a));
}

/** People say that there is a new version, and nothing else changed: that is what a due date is for. */
function isRenewal(causes: readonly Cause[]): boolean {
  return (
    causes.length > 0 &&
    causes.every(
      ({ kind, difference: { path } }) =>
        kind === "Credential" && (path === "rotatedAt" || path === "expiresAt"),
    )
  );
}

function wholeDays(seconds: number): number {
  return seconds < 0 ? -wholeDays(-seconds) : Math.ceil(seconds / 86_400);
}

/** A date that is gone moved further than any other. */
function reach({ days, direction }: ImpactReport["dueDates"][number]): number {
  return days ?? (direction === "later" ? Infinity : -1e9);
}
