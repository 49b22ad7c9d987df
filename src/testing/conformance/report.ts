import { writeProofTable } from "../proof/proof-table.ts";
import { HOURS, type Point } from "./killed-rotation.ts";
import type { Tenant } from "./tenant.ts";

/** What became of one credential after one disturbance. */
export interface Row {
  readonly server: string;
  readonly rights: string;
  readonly recipe: string;
  readonly run: number;
  readonly call: string;
  readonly side: string;
  /** `rotated` only when every invariant held. */
  readonly outcome: string;
  readonly logins: number;
  readonly failures: number;
  readonly longestGapMs: number;
  readonly resumes: number;
}

/** The row of one credential. */
export function rowOf(
  { plan, consumer: { tally } }: Tenant,
  { run, call, side }: Pick<Point, "run" | "call" | "side">,
  server: string,
  problems: readonly string[],
  resumes: number,
): Row {
  return {
    server,
    rights: plan.rights ?? "superuser",
    recipe: plan.slots,
    run,
    call,
    side,
    outcome: problems.length === 0 ? "rotated" : problems.join("; "),
    logins: tally.logins,
    failures: tally.failures,
    longestGapMs: tally.longestGap,
    resumes,
  };
}

/** The table of step × before/after × outcome; `kills` where several credentials die in one. */
export function writeReport(
  name: string,
  title: string,
  rows: readonly Row[],
  kills: number = rows.length,
): void {
  const logins = rows.reduce((sum, row) => sum + row.logins, 0);
  const failures = rows.reduce((sum, row) => sum + row.failures, 0);
  const resumes = Math.max(0, ...rows.map((row) => row.resumes));
  const hit = kills === rows.length ? "" : ` that hit ${rows.length} rotations`;
  writeProofTable({
    name,
    title,
    summary: `${kills} kills (SIGKILL)${hit}, ${logins} sampled logins, ${failures} of them failed, at most ${resumes} runs until nothing was left to recover.`,
    head: [
      "server",
      "admin login",
      "recipe",
      "scheduled run",
      "killed",
      "call",
      "outcome",
      "logins",
      "failures",
      "longest gap",
      "resumes",
    ],
    rows: rows.map((row) => [
      row.server,
      row.rights,
      row.recipe,
      `hour ${HOURS[row.run]}`,
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
