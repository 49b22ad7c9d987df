import type { ReportModel } from "../../../core/report/report-schema.ts";
import { SPRITE } from "./badges.ts";
import { html, type Markup } from "./markup.ts";
import { controlsSection } from "./parts/controls.ts";
import { credentialsSection } from "./parts/credentials.ts";
import { discoverySection } from "./parts/discovery.ts";
import { groupsSection } from "./parts/groups.ts";
import { healthSection } from "./parts/health.ts";
import { identityPart, warningsPart } from "./parts/masthead.ts";
import { periodSection } from "./parts/period.ts";
import { policiesSection } from "./parts/policies.ts";
import { scorecardPart } from "./parts/scorecard.ts";
import { timelineSection } from "./parts/timeline.ts";
import {
  exceptionsSection,
  findingsSection,
  holdsSection,
  incidentsSection,
  rotationsSection,
} from "./parts/work.ts";
import { sectionOf } from "./section.ts";

/** Everything that the page shows without a script. */
export function pageBody(model: ReportModel): Markup {
  const sections = [
    credentialsSection(model),
    timelineSection(model),
    rotationsSection(model),
    findingsSection(model),
    groupsSection(model),
    controlsSection(model),
    periodSection(model),
    discoverySection(model),
    exceptionsSection(model),
    policiesSection(model),
    incidentsSection(model),
    holdsSection(model),
    healthSection(model),
  ];
  return html`${SPRITE}
<a class="skip" href="#main">Skip to the report</a>
<header class="top"><p class="brand"><svg class="mark" aria-hidden="true"><use href="#mark"></use></svg>Credential Rotation Enforcer</p><div id="tools" class="tools" hidden></div></header>
<div class="layout">
<nav aria-label="Parts of the report"><ul><li><a href="#scorecard">Scorecard</a></li>${sections.map(
    ({ id, title, count }) =>
      html`<li><a href="#${id}"><span>${title}</span>${count === undefined ? "" : html`<span class="count">${count}</span>`}</a></li>`,
  )}</ul></nav>
<main id="main" tabindex="-1">
${warningsPart(model)}${identityPart(model)}${scorecardPart(model)}${sections.map(sectionOf)}
</main>
<footer><p>Access is what documents declare: nobody looked who can read the stores. Made by Credential Rotation Enforcer from the commits above; <code>manifest.json</code> says when, with the digest of every file.</p></footer>
</div>
`;
}
