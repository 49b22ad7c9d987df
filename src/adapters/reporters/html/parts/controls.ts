import { checksOf } from "../../../../core/report/api/api-files.ts";
import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { badge } from "../badges.ts";
import { html, type Markup, said } from "../markup.ts";
import { nothing, type Section } from "../section.ts";
import { table } from "../table.ts";

type Controls = NonNullable<ReportModel["controls"]>;
type Framework = Controls["frameworks"][number];

/** Controls of each framework: what the checks say, and what they do not evidence. */
export function controlsSection({ controls, identity }: ReportModel): Section {
  const frameworks = controls?.frameworks ?? [];
  return {
    id: "controls",
    title: "Controls",
    ...(controls === null
      ? {}
      : { count: frameworks.reduce((sum, { controls: all }) => sum + all.length, 0) }),
    body:
      controls === null
        ? nothing(
            identity.selection === null
              ? "This report has no controls."
              : "Controls are about all credentials, and this report is about a selection.",
          )
        : frameworks.length === 0
          ? nothing("The settings name no framework.")
          : html`<p class="hint">A check tells what the evidence in this repository says. No status says anything about the organisation.</p>
${frameworks.map((framework) => frameworkPart(framework, controls.checks))}`,
  };
}

function frameworkPart(framework: Framework, checks: Controls["checks"]): Markup {
  const { id, title, version, caveat, credentials, controls } = framework;
  const counts = Map.groupBy(controls, ({ status }) => status);
  const statuses = [...counts].map(([status, all]) => html`<li>${badge(status)} <b>${all.length}</b></li>`);
  return html`<details class="framework" id="framework-${id}"><summary><span class="framework-title">${title} <span class="soft">${version}</span></span><ul class="tally">${statuses}</ul></summary>
${caveat === null ? "" : html`<p class="hint">${said(caveat)}</p>`}
<p class="hint">About <b>${credentials}</b> credentials.</p>
${controlTable(framework)}
${checkTable(checksOf(framework, checks), title)}
</details>`;
}

function controlTable({ title, id, controls }: Framework): Markup {
  return table(
    [
      { title: "Control", of: (control) => html`<b>${control.id}</b>` },
      { title: "Title", of: (control) => said(control.title) },
      { title: "Status", of: ({ status }) => badge(status) },
      {
        title: "Checks",
        of: ({ checks }) =>
          html`<ul class="checks">${checks.map(({ check, status }) => html`<li><b>${check}</b> ${status}</li>`)}</ul>`,
      },
      { title: "Failing", of: ({ failing }) => failing.length, isNumber: true },
      { title: "Fit", of: ({ fit }) => fit },
      { title: "Not evidenced", of: ({ not }) => said(not) },
    ],
    controls,
    { caption: `Controls of ${title}`, rest: `api/v1/frameworks/${id}.json` },
  );
}

function checkTable(checks: Controls["checks"], title: string): Markup {
  return table(
    [
      { title: "Check", of: ({ check }) => html`<b>${check}</b>` },
      { title: "What is checked", of: (check) => said(check.title) },
      { title: "Status", of: ({ status }) => badge(status) },
      {
        title: "Holds",
        of: ({ numerator, denominator }) =>
          numerator === null || denominator === null ? "–" : `${numerator} of ${denominator}`,
        isNumber: true,
      },
      { title: "Evidence", of: ({ evidence }) => said(evidence) },
    ],
    checks,
    { caption: `Checks of ${title}`, rest: "report.json" },
  );
}
