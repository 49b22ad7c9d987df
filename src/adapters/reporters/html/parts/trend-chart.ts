import type { TrendPoint } from "../../../../core/report/history-schema.ts";
import { ratioText } from "../../../../core/report/ratio-text.ts";
import { percentText } from "../../../../core/text/percent.ts";
import { html, type Markup } from "../markup.ts";

const WIDTH = 320;
const HEIGHT = 96;
const EDGE = 6;

/** Both percentages over time; in words for those who do not see it. */
export function trendChart(trend: readonly TrendPoint[]): Markup {
  const points = trend.filter(({ strict }) => strict.fraction !== null);
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < 2) {
    return html`<p class="nothing">The records do not reach back far enough for a trend.</p>`;
  }
  const change = (last.strict.fraction ?? 0) - (first.strict.fraction ?? 0);
  const words = points
    .map(
      ({ at, strict, adjusted }) =>
        `${at.slice(0, 10)}: ${ratioText(strict)} strict, ${ratioText(adjusted)} with exceptions`,
    )
    .join("; ");
  return html`<svg class="line-chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${`Trend. ${words}`.slice(0, 1900)}">
<line class="rule" x1="0" x2="${WIDTH}" y1="${EDGE}" y2="${EDGE}"/><line class="rule" x1="0" x2="${WIDTH}" y1="${HEIGHT - EDGE}" y2="${HEIGHT - EDGE}"/>
${line("adjusted", points, ({ adjusted }) => adjusted.fraction)}
${line("strict", points, ({ strict }) => strict.fraction)}
</svg>
<p class="legend"><span class="key strict">strict</span><span class="key adjusted">with exceptions</span></p>
<p>${changeText(change)} since ${first.at.slice(0, 10)}</p>`;
}

function changeText(change: number): string {
  if (change === 0) return "Strict: no change";
  return `Strict: ${change > 0 ? "+" : "−"}${percentText(Math.abs(change)).replace(" %", " points")}`;
}

function line(name: string, points: readonly TrendPoint[], of: (point: TrendPoint) => number | null): Markup {
  const from = Date.parse(points[0]?.at ?? "");
  const span = Date.parse(points.at(-1)?.at ?? "") - from || 1;
  const places = points.map((point) => {
    const x = EDGE + ((Date.parse(point.at) - from) / span) * (WIDTH - 2 * EDGE);
    const y = EDGE + (1 - (of(point) ?? 0)) * (HEIGHT - 2 * EDGE);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const [x, y] = (places.at(-1) ?? "0,0").split(",");
  return html`<polyline class="line ${name}" points="${places.join(" ")}"/><circle class="dot ${name}" cx="${x}" cy="${y}" r="3.5"/>`;
}
