import { sha256 } from "../../adapters/runtime/hash.ts";
import type { ReadSide } from "../../adapters/store/read-side.ts";
import { entriesOf } from "../../core/audit/trail.ts";
import { verifyTrail } from "../../core/audit/verify.ts";
import type { CheckInput, TrailFacts } from "../../core/compliance/check-input.ts";
import { complianceOf } from "../../core/compliance/compliance-of.ts";
import { type ComplianceReport, complianceReport } from "../../core/compliance/compliance-report.ts";
import { CreError } from "../../core/model/errors.ts";
import type { StateFacts } from "../../core/state/facts.ts";
import { frameworkNamed, frameworksOf, workTreeFiles } from "./frameworks.ts";
import { judge, lookAtMoment, stateBranchOf } from "./look-around.ts";
import type { LookOptions, Sight } from "./sight.ts";

/** The results of checks and controls, with what they were made of. */
export interface ComplianceSight {
  readonly sight: Sight;
  readonly report: ComplianceReport;
}

/**
 * Carries the checks out, for the named frameworks or those of the settings. A broken trail is a result and no error.
 * Rejects with a CreError for a framework that nobody knows.
 */
export async function lookAtCompliance(
  options: LookOptions,
  names: readonly string[],
): Promise<ComplianceSight> {
  const moment = await lookAtMoment(options);
  const { side, at } = moment;
  const { documents, commit } = moment.sight;
  const evenIfBroken = true;
  const tip = await side.readState(stateBranchOf(documents), at, evenIfBroken);
  options.signal.throwIfAborted();
  const looked = judge(moment, tip);
  const files =
    options.asOf === undefined || commit === undefined
      ? workTreeFiles(options.repo)
      : (path: string) => side.readFile(commit, path);
  const { frameworks, problems } = await frameworksOf(documents, files);
  const sight = { ...looked, problems: [...looked.problems, ...problems] };
  const chosen = names.length === 0 ? frameworks : names.map((name) => frameworkNamed(name, frameworks));
  const compliance = complianceOf(checkInput(looked, await trailOf(side, tip)), chosen);
  return { sight, report: complianceReport(compliance, looked.evaluation) };
}

/** What checks look at, from what a read-only command knows. */
function checkInput(sight: Sight, trail: CheckInput["trail"]): CheckInput {
  const { documents, evaluation, state, problems, count } = sight;
  const invalid = new Set(problems.map(({ file, line }) => `${file}:${line}`));
  return {
    documents,
    evaluation,
    state,
    sha256,
    leftOut: invalid.size + (state.unreadable ?? []).length,
    ...(trail === undefined ? {} : { trail }),
    scan: {
      documents: Math.max(0, count - invalid.size),
      found: problems
        .filter(({ code }) => code === "secret-looking")
        .map(({ file, line }) => `${file}:${line}`),
    },
  };
}

/** The whole trail, verified also against the heads that commits remember; a text says why that cannot be done here. */
async function trailOf(side: ReadSide, state: StateFacts): Promise<TrailFacts | string | undefined> {
  if (state.commit === undefined) return "There is no trail yet.";
  const segments = await side.readAudit(state);
  try {
    const verdict = verifyTrail(segments, sha256, undefined, await side.recordedHeads(state));
    return { verdict, entries: entriesOf(segments) };
  } catch (error) {
    if (!(error instanceof CreError) || error.code !== "shallow") throw error;
    return `The trail cannot be verified in this clone: ${error.message}.`;
  }
}
