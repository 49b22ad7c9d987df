import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { icon } from "../badges.ts";
import { html, type Markup, said, timeOf } from "../markup.ts";

/** What must be read before the first number; a broken chain first of all, in red. */
export function warningsPart({ identity, health }: ReportModel): Markup {
  const { warnings, clock } = identity;
  if (warnings.length === 0) return html``;
  const isGrave = health.chain.verdict === "broken";
  const title = isGrave
    ? "The audit chain is broken"
    : clock === "what-if"
      ? "What if: this is no evidence"
      : "Before you read the numbers";
  return html`<section class="notice${isGrave ? " grave" : ""}" aria-labelledby="warnings-title">
${icon(isGrave ? "worst" : "warn")}
<div><h2 id="warnings-title">${title}</h2>
<ul>${warnings.map((warning) => html`<li>${said(warning)}</li>`)}</ul></div>
</section>
`;
}

const CLOCKS = {
  present: "Documents and records of now",
  "what-if": "What if: today’s documents by another clock",
  "as-of": "Documents, records and clock of then",
} as const;

/** Of what, of when and from which commits the report is. */
export function identityPart({ identity }: ReportModel): Markup {
  const { repository, commit, stateCommit, asOf, clock, selection } = identity;
  return html`<div class="identity">
<h1>Credential rotation report</h1>
<p class="lead">${repository === null ? "This repository" : said(repository)}, as of ${timeOf(asOf)}</p>
<dl>
<div><dt>Clock</dt><dd>${CLOCKS[clock]}</dd></div>
<div><dt>Documents</dt><dd>${commitOf(commit)}</dd></div>
<div><dt>Records</dt><dd>${commitOf(stateCommit)}</dd></div>
${selection === null ? "" : html`<div><dt>Only</dt><dd><code>${selection}</code></dd></div>`}
</dl>
</div>
`;
}

function commitOf(commit: string | null): Markup {
  return commit === null ? html`none` : html`<code title="${commit}">${commit.slice(0, 12)}</code>`;
}
