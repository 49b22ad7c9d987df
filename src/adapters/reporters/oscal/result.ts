import type { CheckRow } from "../../../core/compliance/compliance-report.ts";
import type { ReportModel } from "../../../core/report/report-schema.ts";
import { controlId } from "./control-id.ts";
import { inventoryOf } from "./inventory.ts";
import { risksOf } from "./risks.ts";
import { markup, property } from "./texts.ts";
import { uuidOf } from "./uuid.ts";

type Framework = NonNullable<ReportModel["controls"]>["frameworks"][number];
type Control = Framework["controls"][number];

interface Frame {
  /** On the framework's scope. */
  readonly checks: readonly CheckRow[];
  /** What makes ids of this report its own. */
  readonly place: readonly string[];
  /** What is not of a framework stands in the first result alone. */
  readonly isFirst: boolean;
}

/** What the checks say of the controls of one framework. */
export function resultOf(model: ReportModel, framework: Framework, { checks, place, isFirst }: Frame) {
  const { asOf } = model.identity;
  const { period } = model;
  const idOf = (kind: string, name: string): string => uuidOf(kind, ...place, framework.id, name);
  const inventory = isFirst ? inventoryOf(model, place) : undefined;
  const risks = isFirst ? risksOf(model, place) : [];
  const findings = framework.controls.flatMap((control) => findingOf(control, framework.id, idOf));
  return {
    uuid: idOf("result", "whole"),
    title: markup(`${framework.title} ${framework.version}`),
    description: markup(
      `What automated checks say of ${framework.controls.length} controls; ${framework.credentials} credentials are in scope.`,
    ),
    start: period?.from ?? asOf,
    end: period?.to ?? asOf,
    ...(inventory === undefined ? {} : { "local-definitions": { "inventory-items": inventory } }),
    "reviewed-controls": {
      "control-selections": [
        {
          "include-controls": framework.controls.map(({ id }) => ({
            "control-id": controlId(framework.id, id),
          })),
        },
      ],
    },
    observations: checks.map((check) => observationOf(check, asOf, idOf)),
    ...(risks.length === 0 ? {} : { risks }),
    ...(findings.length === 0 ? {} : { findings }),
  };
}

type Ids = (kind: string, name: string) => string;

function observationOf(check: CheckRow, collected: string, idOf: Ids): unknown {
  return {
    uuid: idOf("observation", check.check),
    title: markup(`${check.check} ${check.title}`),
    description: markup(`${check.evidence} It does not evidence: ${check.not}.`),
    props: [
      ...property("check", check.check),
      ...property("status", check.status),
      ...property("numerator", check.numerator),
      ...property("denominator", check.denominator),
      ...property("adjusted", check.adjusted),
      ...property("failing", check.failing.length),
      ...property("population-digest", check.populationDigest),
    ],
    methods: ["TEST"],
    types: ["control-objective"],
    "relevant-evidence": [
      {
        href: "csv/checks.csv",
        description: "The checks, with the ids that fail; the populations stand beside it, a file each.",
      },
    ],
    collected,
  };
}

/** Statuses that say neither yes nor no are no finding: their observations say all there is. */
const CONCLUSIONS: Readonly<Record<string, { readonly state: string; readonly reason: string }>> = {
  pass: { state: "satisfied", reason: "pass" },
  fail: { state: "not-satisfied", reason: "fail" },
  // Met with exceptions alone: the risks name them.
  exception: { state: "not-satisfied", reason: "other" },
};

function findingOf(control: Control, framework: string, idOf: Ids): readonly unknown[] {
  const status = CONCLUSIONS[control.status];
  if (status === undefined) return [];
  return [
    {
      uuid: idOf("finding", control.id),
      title: markup(`${control.id} ${control.title}`),
      description: markup(
        `The checks ${control.checks.map(({ check }) => check).join(", ")} come to ${control.status}. They do not evidence: ${control.not}.`,
      ),
      props: [...property("fit", control.fit), ...property("failing", control.failing.length)],
      target: {
        type: "statement-id",
        "target-id": `${controlId(framework, control.id)}_smt`,
        status,
      },
      "related-observations": control.checks.map(({ check }) => ({
        "observation-uuid": idOf("observation", check),
      })),
    },
  ];
}
