import type { ReportModel } from "../../../../core/report/report-schema.ts";
import { percentText } from "../../../../core/text/percent.ts";
import { html, type Markup, said } from "../markup.ts";
import { type Section } from "../section.ts";
import { table } from "../table.ts";
import { ratioBar } from "./scorecard.ts";

type Group = ReportModel["scorecard"]["types"][number];

/** Compliance of each team, type and service: the worst first. */
export function groupsSection({ scorecard }: ReportModel): Section {
  return {
    id: "groups",
    title: "Compliance by group",
    body: html`<div class="columns">
${groups("Owner", "Compliance by owner", scorecard.teams)}
${groups("Type", "Compliance by type", scorecard.types)}
${groups("Service", "Compliance by service", scorecard.services)}
</div>`,
  };
}

function groups(title: string, caption: string, all: readonly Group[]): Markup {
  return table(
    [
      { title, of: ({ value }: Group) => said(value) },
      { title: "All", of: ({ credentials }: Group) => credentials, isNumber: true },
      {
        title: "Strict",
        of: ({ strict }: Group) =>
          html`<span class="share">${ratioBar(strict)}<span>${strict.fraction === null ? "–" : percentText(strict.fraction)}</span></span>`,
        isNumber: true,
      },
      {
        title: "With exceptions",
        of: ({ adjusted }: Group) => (adjusted.fraction === null ? "–" : percentText(adjusted.fraction)),
        isNumber: true,
      },
    ],
    all.toSorted((a, b) => (a.strict.fraction ?? 2) - (b.strict.fraction ?? 2)),
    { caption, rest: "api/v1/scorecard.json" },
    50,
  );
}
