import type { ProblemsReport } from "../../core/evaluate/published-schemas.ts";
import type { DocumentsSight } from "./sight.ts";

/** The stable JSON shape of what is wrong with documents; with `files` only of those. */
export function problemsReport(sight: DocumentsSight, files?: ReadonlySet<string>): ProblemsReport {
  const problems = sight.problems
    .filter(({ file }) => files?.has(file) ?? true)
    .map(({ file, line, column, code, message, fix }) => ({ file, line, column, code, message, fix }));
  return { ok: problems.length === 0, documents: sight.count, problems };
}
