import { sha256 } from "../../adapters/runtime/hash.ts";
import type { ReadSide } from "../../adapters/store/read-side.ts";
import type { CheckInput } from "../../core/compliance/check-input.ts";
import { complianceOf } from "../../core/compliance/compliance-of.ts";
import { type ComplianceReport, complianceReport } from "../../core/compliance/compliance-report.ts";
import { discoveryFacts } from "../../core/discovery/discovery-facts.ts";
import { lookBack } from "../history/look-back.ts";
import { lookAtEnd } from "../history/period-look.ts";
import { frameworkNamed, frameworksOf, workTreeFiles } from "./frameworks.ts";
import { lookWithTrail, trailFacts } from "./look-with-trail.ts";
import type { LookOptions, Sight } from "./sight.ts";

/** The results of checks and controls, with what they were made of. */
export interface ComplianceSight {
  readonly sight: Sight;
  readonly report: ComplianceReport;
  /** Of a period: what a reader must know of how far the history reaches. */
  readonly warnings?: readonly string[];
}

/**
 * Carries the checks out, for the named frameworks or those of the settings. A broken trail is a result and no error.
 * Rejects with a CreError for a framework that nobody knows.
 */
export async function lookAtCompliance(
  asked: LookOptions,
  names: readonly string[],
  inPeriod?: { readonly words: string; readonly step: (text: string) => void },
): Promise<ComplianceSight> {
  const { options, period } = inPeriod === undefined ? { options: asked } : lookAtEnd(asked, inPeriod.words);
  const { side, looked, tip, trail } = await lookWithTrail(options, quietly);
  const { signal } = options;
  const facts = { trail: trailFacts(tip, trail) };
  if (period === undefined) return complianceAt({ options, side, looked }, facts, names);
  const view = {
    side,
    sight: looked,
    entries: trail.entries,
    isMeant: () => true,
    step: inPeriod?.step ?? quietly,
    signal,
  };
  const told = await lookBack(view, period);
  const compliance = await complianceAt({ options, side, looked }, { ...facts, period: told.facts }, names);
  return { ...compliance, warnings: told.warnings };
}

/** What is quick needs no progress. */
function quietly(): void {
  // Nothing is told.
}

/** Where frameworks of the settings are read, and what checks look at. */
interface Place {
  readonly options: LookOptions;
  readonly side: ReadSide;
  readonly looked: Sight;
}

/** As `lookAtCompliance`, where documents, records and trail were read already. */
export async function complianceAt(
  { options, side, looked }: Place,
  facts: Pick<CheckInput, "trail" | "period">,
  names: readonly string[],
): Promise<ComplianceSight> {
  const { documents, commit } = looked;
  const files =
    options.asOf === undefined || commit === undefined
      ? workTreeFiles(options.repo)
      : (path: string) => side.readFile(commit, path);
  const { frameworks, problems } = await frameworksOf(documents, files);
  const sight = { ...looked, problems: [...looked.problems, ...problems] };
  const chosen = names.length === 0 ? frameworks : names.map((name) => frameworkNamed(name, frameworks));
  const compliance = complianceOf({ ...checkInput(looked), ...facts }, chosen);
  return { sight, report: complianceReport(compliance, looked.evaluation) };
}

/** What checks look at, from what a read-only command knows. */
function checkInput(sight: Sight): CheckInput {
  const { documents, evaluation, state, problems, count } = sight;
  const invalid = new Set(problems.map(({ file, line }) => `${file}:${line}`));
  return {
    documents,
    evaluation,
    state,
    sha256,
    ...discoveryFacts(documents, state, evaluation.asOf),
    leftOut: invalid.size + (state.unreadable ?? []).length,
    scan: {
      documents: Math.max(0, count - invalid.size),
      found: problems
        .filter(({ code }) => code === "secret-looking")
        .map(({ file, line }) => `${file}:${line}`),
    },
  };
}
