import { writeProofTable } from "../proof/proof-table.ts";

export interface Row {
  readonly recipe: string;
  readonly run: number;
  readonly call: string;
  readonly side: string;
  readonly outcome: string;
  readonly logins: number;
  readonly failures: number;
  readonly longestGapMs: number;
  readonly resumes: number;
}

/** The table of step × before/after × outcome. */
export function writeReport(name: string, rows: readonly Row[]): void {
  const logins = rows.reduce((sum, row) => sum + row.logins, 0);
  const failures = rows.reduce((sum, row) => sum + row.failures, 0);
  const resumes = Math.max(0, ...rows.map((row) => row.resumes));
  writeProofTable({
    name,
    title: `Killed at every line that touches the world: ${name}`,
    summary: `${rows.length} kills (SIGKILL), ${logins} sampled logins, ${failures} failures, at most ${resumes} resumes.`,
    head: ["recipe", "run", "killed", "call", "outcome", "logins", "failures", "longest gap", "resumes"],
    rows: rows.map((row) => [
      row.recipe,
      row.run,
      row.side,
      row.call,
      row.outcome,
      row.logins,
      row.failures,
      `${row.longestGapMs} ms`,
      row.resumes,
    ]),
  });
}
