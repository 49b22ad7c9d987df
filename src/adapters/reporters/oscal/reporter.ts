import type { Reporter, ReportFile } from "../../../core/ports/reporter.ts";
import { figuresOf } from "../../../core/report/figures.ts";
import type { ReportModel } from "../../../core/report/report-schema.ts";
import { resultOf } from "./result.ts";
import { markup, property } from "./texts.ts";
import { uuidOf } from "./uuid.ts";

const OSCAL_VERSION = "1.2.1";

/**
 * OSCAL assessment-results (NIST, JSON): one result for each framework, an observation for each check and a finding for
 * each control that the checks say something of. A report of a selection has none: controls are of a whole registry.
 */
export const oscalReporter: Reporter = {
  format: "oscal",
  files: function* (model): Iterable<ReportFile> {
    const { controls } = model;
    if (controls === null || controls.frameworks.length === 0) return;
    yield { path: "oscal.json", content: `${JSON.stringify(resultsOf(model, controls), undefined, 2)}\n` };
  },
};

function resultsOf(model: ReportModel, controls: NonNullable<ReportModel["controls"]>): unknown {
  const { identity, health } = model;
  const { warnings, ...facts } = identity;
  const place = [identity.repository, identity.commit, identity.stateCommit, identity.asOf].map(String);
  const plan = uuidOf("plan", ...place);
  const results = controls.frameworks.map((framework, at) =>
    resultOf(model, framework, { checks: framework.checks ?? controls.checks, place, isFirst: at === 0 }),
  );
  return {
    "assessment-results": {
      uuid: uuidOf("results", ...place),
      metadata: {
        title: "Credential rotation: results of automated checks",
        "last-modified": identity.asOf,
        version: identity.commit ?? "none",
        "oscal-version": OSCAL_VERSION,
        props: [
          ...warnings.flatMap((warning) => property("warning", warning)),
          ...Object.entries(facts).flatMap(([name, value]) => property(name, textOf(value))),
          ...property("audit-chain", health.chain.verdict),
          ...figuresOf(model).flatMap(({ name, value }) => property(name, value)),
        ],
        remarks: "These results support an assessment. Only an assessor concludes.",
      },
      "import-ap": { href: `#${plan}` },
      results,
      "back-matter": {
        resources: [
          {
            uuid: plan,
            title: "Plan of the assessment",
            description:
              "There is no separate plan: the checks are those of the program, carried out on the documents and records of the commits that the metadata names.",
          },
          ...controls.frameworks.map(({ id, title, version, caveat }) => ({
            uuid: uuidOf("catalog", id),
            title: markup(`${title} ${version}`),
            description: markup(
              id === "nist-800-53"
                ? "Control ids are those of NIST's own catalog."
                : `Control ids are the standard's, prefixed by ${id}_; titles are words of this program, not of the standard.`,
            ),
            ...(caveat === null ? {} : { remarks: markup(caveat) }),
          })),
        ],
      },
    },
  };
}

function textOf(value: unknown): string | null {
  if (value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}
