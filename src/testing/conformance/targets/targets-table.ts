import { writeProofTable } from "../../proof/proof-table.ts";
import type { TargetsTenant } from "./targets-tenant.ts";

/** What became of one credential after something happened at one of its targets. */
export interface TargetRow {
  readonly kind: string;
  readonly phase: string;
  readonly what: string;
  /** What the record said after the run in which it happened, or how many runs took up what was left. */
  readonly left: string;
  /** `rotated` only when every invariant held. */
  readonly outcome: string;
  readonly logins: number;
  readonly failures: number;
}

export function rowOf(
  { consumer }: TargetsTenant,
  moment: Pick<TargetRow, "kind" | "phase" | "what">,
  left: string,
  problems: readonly string[],
): TargetRow {
  const { logins, failures } = consumer.tally;
  return {
    ...moment,
    left,
    outcome: problems.length === 0 ? "rotated" : problems.join("; "),
    logins,
    failures,
  };
}

/** The page's table. */
export function writeTargetsTable(rows: readonly TargetRow[]): void {
  const sum = (pick: (row: TargetRow) => number): number => rows.reduce((all, row) => all + pick(row), 0);
  writeProofTable({
    name: "conformance-targets",
    title: "An access key that goes to several targets, one of which fails, or the runner dies between two",
    summary: `${rows.length} credentials, ${rows.filter(({ outcome }) => outcome === "rotated").length} of them ended with all targets on one attempt, one key, and nothing waiting anywhere; ${sum(({ logins }) => logins)} sign-ins with what stood at the targets meanwhile, ${sum(({ failures }) => failures)} of them refused.`,
    head: ["target", "step", "what happened", "left after it", "outcome", "sign-ins", "refused"],
    rows: rows.map(({ kind, phase, what, left, outcome, logins, failures }) => [
      kind,
      phase,
      what,
      left,
      outcome,
      logins,
      failures,
    ]),
  });
}
