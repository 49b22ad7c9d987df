import { sha256 } from "../../adapters/runtime/hash.ts";
import { entriesOf } from "../../core/audit/trail.ts";
import { verifyTrail } from "../../core/audit/verify.ts";
import { CreError } from "../../core/model/errors.ts";
import type { AuditSegment } from "../../core/ports/store.ts";
import type { ChainFacts, ReportInput } from "../../core/report/report-input.ts";
import { reportModel } from "../../core/report/report-model.ts";
import type { ReportModel } from "../../core/report/report-schema.ts";
import { judge, lookAtMoment, type Moment, stateBranchOf } from "../looking/look-around.ts";
import type { LookOptions, Sight } from "../looking/sight.ts";
import { historyOf } from "./history.ts";
import { repositoryName } from "./repository-name.ts";

/** A report, with what it was looked up in. */
export interface Report {
  readonly model: ReportModel;
  readonly sight: Sight;
}

type Selection = NonNullable<ReportInput["selection"]>;

/**
 * The report of now, by another clock, or of then. Writes nothing and fetches nothing. A broken audit chain stops no
 * report: it says so. Rejects with a CreError as `lookAround` does, and when `select` refuses.
 */
export async function reportOf(
  options: LookOptions,
  step: (text: string) => void,
  select?: (sight: Sight) => Promise<Selection | undefined>,
): Promise<Report> {
  step("Reading documents and records.");
  const moment = await lookAtMoment(options);
  const { side, at } = moment;
  const tip = await side.readState(stateBranchOf(moment.sight.documents), at, true);
  options.signal.throwIfAborted();
  step("Verifying the audit chain.");
  const segments = await side.readAudit(tip);
  const chain = await chainOf(side, tip, segments);
  options.signal.throwIfAborted();
  const sight = judge(moment, tip);
  const selection = await select?.(sight);
  const history = await historyOf({ sight, entries: entriesOf(segments) });
  const { evaluation, documents, state, differs, problems } = sight;
  const model = reportModel({
    evaluation,
    documents,
    state,
    chain,
    clock: options.asOf === undefined ? (options.now === undefined ? "present" : "what-if") : "as-of",
    repository: await repositoryName(options),
    differs,
    invalidDocuments: problems.length,
    ...(selection === undefined ? {} : { selection }),
    history,
    sha256,
  });
  return { model, sight };
}

/** The whole chain, also against the heads that commits recorded where this clone has them. */
async function chainOf(
  side: Moment["side"],
  state: Sight["state"],
  segments: readonly AuditSegment[],
): Promise<ChainFacts> {
  try {
    const heads = await side.recordedHeads(state);
    return { verdict: verifyTrail(segments, sha256, undefined, heads), comparedWithCommits: true };
  } catch (error) {
    if (!(error instanceof CreError) || error.code !== "shallow") throw error;
    return { verdict: verifyTrail(segments, sha256), comparedWithCommits: false };
  }
}
