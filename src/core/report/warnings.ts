import { counted } from "../text/counted.ts";
import type { ReportInput } from "./report-input.ts";
import type { ReportModel } from "./report-schema.ts";

/** What a reader must know before the first number, in sentences; the gravest first. */
export function warningsOf(input: ReportInput, health: ReportModel["health"]): readonly string[] {
  const { clock, evaluation, differs, state } = input;
  const { chain, unreadableRecords, invalidDocuments, newestEntry, schedule, late } = health;
  const warnings: string[] = [];
  if (clock === "what-if") {
    warnings.push(
      `What if: today's documents and records, judged as if it were ${evaluation.asOf}. This is no evidence.`,
    );
  }
  if (chain.verdict === "broken") {
    const [first] = chain.firstFaults;
    const place = first === undefined ? "" : `; the first is in ${first.path}: ${first.message}`;
    warnings.push(
      `The audit chain is broken: ${counted(chain.faults, "fault")}${place}. Records of this report may have been changed.`,
    );
  }
  if (state.rewoundFrom !== undefined) {
    warnings.push(
      `The state branch was set back: this clone has seen the newer commit ${state.rewoundFrom}. What was recorded since is missing.`,
    );
  }
  if (unreadableRecords.length > 0) {
    const [first] = unreadableRecords;
    warnings.push(
      `${counted(unreadableRecords.length, "record")} cannot be read and count as absent, ${first?.path} first: ${first?.problem}.`,
    );
  }
  if (invalidDocuments > 0) {
    warnings.push(
      `${counted(invalidDocuments, "problem")} in documents: invalid documents are left out of every number.`,
    );
  }
  if (late) {
    warnings.push(
      `No run was recorded since ${newestEntry?.time ?? "the beginning"}, although the schedule says every ${schedule}: facts of providers may be old.`,
    );
  }
  if (state.commit === undefined) {
    warnings.push("No run has recorded anything yet: all dates are those of the documents.");
  } else if (!chain.comparedWithCommits && chain.verdict !== "broken") {
    warnings.push(
      "This clone lacks the older commits of the state branch, so nobody compared the chain with the heads that they recorded.",
    );
  }
  warnings.push(...(input.history?.warnings ?? []));
  if (differs !== undefined) {
    warnings.push(`Documents are those of the work tree, not those that a run reads: ${differs}.`);
  }
  return warnings;
}
