import { mkdirSync, writeFileSync } from "node:fs";
import { markdownRow } from "./markdown-row.ts";

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

const FOLDER = new URL("../../../test-results/", import.meta.url);

/** Writes the table of step × before/after × outcome, for people to read and for CI to keep. */
export function writeReport(name: string, rows: readonly Row[]): string {
  const logins = rows.reduce((sum, row) => sum + row.logins, 0);
  const failures = rows.reduce((sum, row) => sum + row.failures, 0);
  const head = ["recipe", "run", "killed", "call", "outcome", "logins", "failures", "longest gap", "resumes"];
  const text = [
    `# Killed at every line that touches the world: ${name}`,
    "",
    `${rows.length} kills (SIGKILL), ${logins} sampled logins, ${failures} failures, at most ${Math.max(0, ...rows.map(({ resumes }) => resumes))} resumes.`,
    "",
    markdownRow(head),
    markdownRow(head.map(() => "---")),
    ...rows.map((row) =>
      markdownRow([
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
    ),
    "",
  ].join("\n");
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(new URL(`${name}.md`, FOLDER), text);
  return text;
}
