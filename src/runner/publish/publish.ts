import type { Errand } from "../assign.ts";
import { evaluateWorld } from "../load.ts";
import type { People } from "../ports.ts";
import type { Publication } from "../publication.ts";
import type { ReportLine } from "../run-report.ts";
import { failureOf, type World } from "../world.ts";
import { publishAlerts } from "./alerts.ts";
import { beat } from "./heartbeat.ts";
import { publishIssues } from "./issues.ts";
import type { Publisher } from "./publisher.ts";
import { watchEnforcer } from "./watch.ts";

const PUBLISHERS: Readonly<Record<string, Publisher>> = {
  watch: watchEnforcer,
  issues: publishIssues,
  alerts: publishAlerts,
};

/**
 * Tells people what the run left behind: first what is wrong with the enforcer, so that this is told as well, then
 * issues, so that alerts can point at them, and last that it is alive. Nothing here undoes or holds up a rotation, and
 * one way that fails does not keep the others from being tried.
 */
export async function publish(
  world: World,
  publication: Publication,
  people: People,
  errand: Errand,
  signal: AbortSignal,
): Promise<readonly ReportLine[]> {
  evaluateWorld(world, publication.state);
  const lines: ReportLine[] = [];
  for (const [name, publisher] of Object.entries(PUBLISHERS)) {
    if (signal.aborted) break;
    try {
      lines.push(...(await publisher(world, publication, people, errand, signal)));
    } catch (error) {
      // A way to people that breaks down is silence, which must not look like health.
      const level = signal.aborted ? "warning" : "error";
      lines.push({ level, text: `${name}: ${failureOf(error).message}` });
    }
  }
  return [...lines, ...(await beat(world, people, errand, lines, signal))];
}
