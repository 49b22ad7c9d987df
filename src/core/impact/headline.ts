import { counted } from "../text/counted.ts";
import type { ImpactReport } from "./impact-report.ts";

type Told = Omit<ImpactReport, "headline">;

/** What a change does, in one sentence or two: the worst first. */
export function headlineOf(report: Told): string {
  const { standings, dueDates, added, removed, renamed, retired, rotations, risks } = report;
  const failing = standings.filter(({ after }) => after === "failing").length;
  const exempt = standings.filter(({ after }) => after === "exempt").length;
  const compliant = standings.filter(
    ({ before, after }) => after === "compliant" && before !== "absent",
  ).length;
  const dated = dueDates.filter(({ after }) => after !== null);
  const later = dated.filter(({ direction }) => direction === "later").length;
  const ended = new Set(retired.map(({ credential }) => credential));
  const undated = dueDates.filter(({ after, credential }) => after === null && !ended.has(credential)).length;
  const lost = removed.filter((gone) => !gone.retired).length;
  const clauses = [
    ...clause(failing, (n) => `makes ${n} fail`),
    ...clause(lost, (n) => `removes ${n} that ${lost === 1 ? "was" : "were"} never retired`),
    ...clause(exempt, (n) => `makes ${n} exempt`),
    ...clause(undated, (n) => `leaves ${n} without a due date`),
    ...clause(later, (n) => `moves ${n} later`, "due date"),
    ...clause(dated.length - later, (n) => `moves ${n} earlier`, "due date"),
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
  const high = counted(risks.length, "high-risk change");
  if (clauses.length === 0) {
    return risks.length === 0
      ? "This change changes nothing for compliance."
      : `This change changes nothing for compliance, but look at ${high}.`;
  }
  const sentence = `This change ${listed(clauses.slice(0, 4))}.`;
  return risks.length === 0 ? sentence : `${sentence} Look at ${high}.`;
}

function clause(count: number, tell: (words: string) => string, noun = "credential"): string[] {
  return count === 0 ? [] : [tell(counted(count, noun))];
}

function listed(clauses: readonly string[]): string {
  if (clauses.length < 2) return clauses.join("");
  return `${clauses.slice(0, -1).join(", ")} and ${clauses.at(-1)}`;
}
