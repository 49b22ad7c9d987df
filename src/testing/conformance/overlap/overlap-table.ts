import { writeProofTable } from "../../proof/proof-table.ts";
import { HOURS } from "../killed-rotation.ts";
import type { OverlapRow } from "./interrupted-rotation.ts";

const WORDS = {
  kill: "runner killed",
  error: "error answered",
  lost: "connection closed",
  hang: "no answer in time",
} as const;

/** The page's table of what became of a rotation after each disturbance. */
export function writeOverlapTable(name: string, title: string, rows: readonly OverlapRow[]): void {
  const sum = (pick: (row: OverlapRow) => number): number => rows.reduce((all, row) => all + pick(row), 0);
  const resumes = Math.max(0, ...rows.map((row) => row.resumes));
  writeProofTable({
    name,
    title,
    summary: `${rows.length} disturbances, ${rows.filter(({ outcome }) => outcome === "rotated").length} of them ended in a complete rotation without a lost key, an orphan or a foreign key touched; ${sum(({ logins }) => logins)} sign-ins of the consumer meanwhile, ${sum(({ failures }) => failures)} of them refused; at most ${resumes} runs to recover.`,
    head: ["scheduled run", "call", "moment", "what happened", "outcome", "sign-ins", "refused", "resumes"],
    rows: rows.map(({ run, write, side, nth, disturbance, outcome, logins, failures, resumes: took }) => [
      `hour ${HOURS[run]}`,
      nth === 1 ? write : `${write} (${nth})`,
      side,
      WORDS[disturbance],
      outcome,
      logins,
      failures,
      took,
    ]),
  });
}
