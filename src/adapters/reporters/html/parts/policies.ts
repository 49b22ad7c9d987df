import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { dateOf, html, said } from "../markup.ts";
import { nothing, type Section } from "../section.ts";
import { table } from "../table.ts";

/** The rules that everything is judged by, and on what they rest. */
export function policiesSection({ policies }: ReportModel): Section {
  return {
    id: "policies",
    title: "Policies",
    count: policies.length,
    body:
      policies.length === 0
        ? nothing("There is no policy: no credential can be inside of one.")
        : table(
            [
              { title: "Policy", of: ({ name }) => html`<b>${name}</b>` },
              { title: "Matches", of: ({ matches }) => said(matches) },
              { title: "Interval", of: ({ interval }) => interval },
              { title: "Enforcement", of: ({ enforcement }) => enforcement },
              { title: "Credentials", of: ({ credentials }) => credentials, isNumber: true },
              { title: "Exceptions", of: ({ exceptions }) => said(exceptions) },
              {
                title: "Basis",
                of: ({ basis, reference }) => said([basis, reference].filter(Boolean).join(", ") || "–"),
              },
              { title: "Reviewed", of: ({ reviewedAt }) => dateOf(reviewedAt), isNumber: true },
            ],
            policies,
            { caption: "What credentials are judged by", rest: "report.json" },
          ),
  };
}
