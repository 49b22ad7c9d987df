import { sha256 } from "../../adapters/runtime/hash.ts";
import type { ReportInput } from "../../core/report/report-input.ts";
import { reportModel } from "../../core/report/report-model.ts";
import type { ReportModel } from "../../core/report/report-schema.ts";
import { lookAtEnd } from "../history/period-look.ts";
import { complianceAt } from "../looking/compliance.ts";
import { lookWithTrail, trailFacts } from "../looking/look-with-trail.ts";
import type { LookOptions, Sight } from "../looking/sight.ts";
import { historyOf } from "./history.ts";
import { repositoryName } from "./repository-name.ts";

/** A report, with what it was looked up in. */
export interface Report {
  readonly model: ReportModel;
  readonly sight: Sight;
}

type Selection = NonNullable<ReportInput["selection"]>;

/** What a report is asked to tell. */
export interface ReportRequest {
  /** `2026-Q3`, `2026-07-01..2026-09-30`: what happened in it, and how all stood at its end. */
  readonly period?: string;
  /** Narrows it down to some credentials. */
  readonly select?: (sight: Sight) => Promise<Selection | undefined>;
}

/**
 * The report of now, by another clock, or of then. Writes nothing and fetches nothing. A broken audit chain stops no
 * report: it says so. Rejects with a CreError as `lookAround` does, and when `select` refuses.
 */
export async function reportOf(
  asked: LookOptions,
  step: (text: string) => void,
  { period: words, select }: ReportRequest = {},
): Promise<Report> {
  const { options, period } = words === undefined ? { options: asked } : lookAtEnd(asked, words);
  const { side, looked, tip, trail } = await lookWithTrail(options, step);
  const selection = await select?.(looked);
  const isMeant = (name: string): boolean => selection?.names.has(name) ?? true;
  const { entries } = trail;
  const view = { side, sight: looked, entries, isMeant, step, signal: options.signal };
  const { history, facts: periodFacts } = await historyOf(view, period);
  step("Carrying the checks out.");
  const facts = {
    trail: trailFacts(tip, trail),
    ...(periodFacts === undefined ? {} : { period: periodFacts }),
  };
  const { sight, report: controls } = await complianceAt({ options, side, looked }, facts, []);
  const { evaluation, documents, state, differs, problems } = sight;
  const model = reportModel({
    evaluation,
    documents,
    state,
    chain: { verdict: trail.verdict, comparedWithCommits: trail.uncompared === undefined },
    clock: options.asOf === undefined ? (options.now === undefined ? "present" : "what-if") : "as-of",
    repository: await repositoryName(options),
    differs,
    invalidDocuments: problems.length,
    ...(selection === undefined ? {} : { selection }),
    history,
    controls,
    sha256,
  });
  return { model, sight };
}
