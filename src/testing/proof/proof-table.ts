import { mkdirSync, writeFileSync } from "node:fs";
import { markdownRow } from "./markdown-row.ts";

/** What a run of tests found out, as one table: for people, for CI to keep, and for the page of proofs. */
export interface ProofTable {
  /** File name without ending; the page of proofs names its sections by it. */
  readonly name: string;
  readonly title: string;
  /** One or two sentences with the totals. */
  readonly summary: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Where every table lies after a test run. */
export const RESULTS = new URL("../../../test-results/", import.meta.url);

/** Writes the table as Markdown for people and as JSON for the page of proofs; an older one is replaced. */
export function writeProofTable(table: ProofTable): void {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(new URL(`${table.name}.json`, RESULTS), `${JSON.stringify(table, undefined, 2)}\n`);
  writeFileSync(new URL(`${table.name}.md`, RESULTS), `# ${table.title}\n\n${tableText(table)}`);
}

/** The table with its summary, without its title. */
export function tableText(table: ProofTable): string {
  return `${table.summary}\n\n${rowsText(table)}`;
}

/** The table alone. */
export function rowsText({ head, rows }: ProofTable): string {
  return `${[head, head.map(() => "---"), ...rows].map(markdownRow).join("\n")}\n`;
}
