import { figuresOf } from "../../../../core/report/figures.ts";
import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { counted } from "../../../../core/text/counted.ts";
import { badge } from "../badges.ts";
import { html, type Markup, said, timeOf } from "../markup.ts";
import type { Section } from "../section.ts";
import { table } from "../table.ts";

/** Whether the enforcer runs, whether its records can be believed, and every figure by its name. */
export function healthSection(model: ReportModel): Section {
  const { newestEntry, schedule, late, chain, unreadableRecords, invalidDocuments } = model.health;
  return {
    id: "health",
    title: "Run health",
    body: html`<dl class="facts">
<div><dt>Audit chain</dt><dd>${badge(chain.verdict)} ${counted(chain.entries, "entry", "entries")} in ${counted(chain.segments, "segment")}${chain.comparedWithCommits ? ", compared with every head that commits recorded" : ", not compared with heads that commits recorded"}</dd></div>
<div><dt>Newest entry</dt><dd>${newestEntry === null ? "none" : html`number ${newestEntry.seq} of ${timeOf(newestEntry.time)}, <code>${newestEntry.hash.slice(0, 16)}</code>`}</dd></div>
<div><dt>Schedule</dt><dd>every ${schedule}${late ? html` ${badge("late")}` : ""}</dd></div>
<div><dt>Unreadable records</dt><dd>${unreadableRecords.length}</dd></div>
<div><dt>Problems in documents</dt><dd>${invalidDocuments}</dd></div>
</dl>
${faults(model)}${records(model)}
<details><summary>Every figure of this report</summary>${figures(model)}</details>`,
  };
}

function faults({ health }: ReportModel): Markup {
  const { firstFaults, faults: count } = health.chain;
  if (firstFaults.length === 0) return html``;
  return table(
    [
      { title: "Fault", of: ({ code }) => html`<code>${code}</code>` },
      { title: "Place", of: ({ path, line }) => html`<code>${path}:${line}</code>` },
      { title: "What is wrong", of: ({ message }) => said(message) },
    ],
    firstFaults,
    { caption: `Faults of the chain: the first ${firstFaults.length} of ${count}`, rest: "report.json" },
  );
}

function records({ health }: ReportModel): Markup {
  if (health.unreadableRecords.length === 0) return html``;
  return table(
    [
      { title: "Record", of: ({ path }) => html`<code>${path}</code>` },
      { title: "Problem", of: ({ problem }) => said(problem) },
    ],
    health.unreadableRecords,
    { caption: "Records that cannot be read", rest: "report.json" },
  );
}

/** By the names that all formats give them, so that a program can compare. */
function figures(model: ReportModel): Markup {
  return html`<table class="figure-list"><caption>Figures</caption><thead><tr><th scope="col">Figure</th><th scope="col" class="number">Value</th></tr></thead>
<tbody>${figuresOf(model).map(
    ({ name, value }) =>
      html`<tr><th scope="row">${name}</th><td class="number"><data value="${value}" class="figure" id="figure-${name}">${value}</data></td></tr>\n`,
  )}</tbody></table>`;
}
