import type { Ratio } from "../../../../core/report/history-schema.ts";
import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { counted } from "../../../../core/text/counted.ts";
import { percentText } from "../../../../core/text/percent.ts";
import { icon } from "../badges.ts";
import { html, type Markup } from "../markup.ts";
import { toneOf } from "../tones.ts";
import { trendChart } from "./trend-chart.ts";

const STATES = ["compromised", "expired", "stale", "active", "retired"] as const;

const MEANINGS: Readonly<Record<(typeof STATES)[number], string>> = {
  compromised: "burnt, and still alive",
  expired: "past due",
  stale: "due soon",
  active: "inside the policy",
  retired: "not in use any more",
};

/** How many are compliant, of how many, without and with exceptions; the trend; and how many are in each state. */
export function scorecardPart(model: ReportModel): Markup {
  const { strict, adjusted, states } = model.scorecard;
  return html`<section id="scorecard" class="scorecard" aria-labelledby="scorecard-title">
<h2 id="scorecard-title" class="quiet">Scorecard</h2>
<div class="ratios">
${ratioCard("Strict", strict, "inside their policy")}
${ratioCard("With exceptions", adjusted, "inside, or waived by an exception")}
<figure class="card trend"><figcaption>Trend</figcaption>${trendChart(model.trend)}</figure>
</div>
<ul class="states" aria-label="Credentials by state">${STATES.map(
    (state) => html`<li class="tile ${toneOf(state)}" data-state="${state}">
<span class="tile-name">${icon(toneOf(state))}${state}</span>
<strong>${states[state]}</strong><span class="tile-meaning">${MEANINGS[state]}</span></li>`,
  )}</ul>
${stateBar(states)}
</section>
`;
}

function ratioCard(title: string, ratio: Ratio, meaning: string): Markup {
  const { numerator, denominator, fraction } = ratio;
  return html`<div class="card ratio">
<h3>${title}</h3>
<p class="percent">${fraction === null ? "–" : percentText(fraction)}</p>
${fraction === null ? html`<p>No population: no credential is in use.</p>` : html`<p><b>${numerator}</b> of <b>${denominator}</b> ${meaning}</p>`}
${ratioBar(ratio)}
</div>`;
}

/** A bar as long as the fraction; its number stands beside it. */
export function ratioBar({ fraction }: Ratio): Markup {
  const width = ((fraction ?? 0) * 100).toFixed(1);
  return html`<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="bar-ground" width="100" height="4"/><rect class="bar-part" width="${width}" height="4"/></svg>`;
}

/** The states side by side, as wide as they are many. */
function stateBar(states: ReportModel["scorecard"]["states"]): Markup {
  const total = STATES.reduce((sum, state) => sum + states[state], 0);
  if (total === 0) return html``;
  const words = STATES.map((state) => `${states[state]} ${state}`).join(", ");
  let from = 0;
  const parts = STATES.map((state) => {
    const width = (states[state] / total) * 1000;
    const at = from;
    from += width;
    if (width === 0) return html``;
    return html`<rect class="fill-${toneOf(state)}" x="${at.toFixed(1)}" width="${Math.max(width - 3, 1).toFixed(1)}" height="10"/>`;
  });
  return html`<svg class="state-bar" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label="${counted(total, "credential")}: ${words}">${parts}</svg>`;
}
