import type { ImpactReport } from "./impact-report.ts";

type Told = Omit<ImpactReport, "headline">;

/** Numbers of what a change does, each once: what the headline and the titles of tables say. */
export interface ImpactCounts {
  readonly failing: number;
  readonly exempt: number;
  readonly compliant: number;
  readonly noLongerExempt: number;
  readonly later: number;
  readonly earlier: number;
}

export function impactCounts({ standings, dueDates }: Pick<Told, "standings" | "dueDates">): ImpactCounts {
  const becomes = (standing: string): number => standings.filter(({ after }) => after === standing).length;
  const moves = (direction: string): number =>
    dueDates.filter((move) => move.direction === direction && move.after !== null).length;
  return {
    failing: becomes("failing"),
    exempt: becomes("exempt"),
    compliant: standings.filter(({ before, after }) => after === "compliant" && before !== "absent").length,
    noLongerExempt: standings.filter(({ before }) => before === "exempt").length,
    later: moves("later"),
    earlier: moves("earlier"),
  };
}

/** What a change does, in one sentence or two: the worst first. */
export function headlineOf(report: Told): string {
  const { failing, exempt, compliant, later, earlier } = impactCounts(report);
  const { added, removed, renamed, retired, rotations, risks } = report;
  const undated = report.dueDates.filter(({ after, credential }) => {
    return after === null && !retired.some((other) => other.credential === credential);
  }).length;
  const lost = removed.filter((gone) => !gone.retired).length;
  const clauses = [
    ...clause(failing, (n) => `makes ${n} fail`),
    ...clause(lost, (n) => `removes ${n} that ${lost === 1 ? "was" : "were"} never retired`),
    ...clause(exempt, (n) => `makes ${n} exempt`),
    ...clause(undated, (n) => `leaves ${n} without a due date`),
    ...clause(later, (n) => `moves ${n} later`, "due date"),
    ...clause(earlier, (n) => `moves ${n} earlier`, "due date"),
    ...clause(compliant, (n) => `makes ${n} compliant`),
    ...clause(rotations.follow.length, (n) => `starts ${n} in the next run`, "rotation"),
    ...clause(added.length, (n) => `adds ${n}`),
    ...clause(
      removed.length - lost,
      (n) => `removes ${n} that ${removed.length - lost === 1 ? "was" : "were"} retired`,
    ),
    ...clause(retired.length, (n) => `retires ${n}`),
    ...clause(renamed.length, (n) => `renames ${n}`),
  ];
  const high = risks.length === 1 ? "1 high-risk change" : `${risks.length} high-risk changes`;
  if (clauses.length === 0) {
    return risks.length === 0
      ? "This change changes nothing for compliance."
      : `This change changes nothing for compliance, but look at ${high}.`;
  }
  const sentence = `This change ${listed(clauses.slice(0, 4))}.`;
  return risks.length === 0 ? sentence : `${sentence} Look at ${high}.`;
}

function clause(count: number, tell: (counted: string) => string, noun = "credential"): string[] {
  return count === 0 ? [] : [tell(`${count} ${noun}${count === 1 ? "" : "s"}`)];
}

function listed(clauses: readonly string[]): string {
  if (clauses.length < 2) return clauses.join("");
  return `${clauses.slice(0, -1).join(", ")} and ${clauses.at(-1)}`;
}
