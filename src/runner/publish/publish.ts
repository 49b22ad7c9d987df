import type { Errand } from "../assign.ts";
import type { People } from "../ports.ts";
import type { Publication } from "../publication.ts";
import type { ReportLine } from "../run-report.ts";
import { failureOf, type World } from "../world.ts";
import { publishAlerts } from "./alerts.ts";
import { publishIssues } from "./issues.ts";
import type { Publisher } from "./publisher.ts";

const PUBLISHERS: Readonly<Record<string, Publisher>> = { issues: publishIssues, alerts: publishAlerts };

/**
 * Tells people what the run left behind: issues first, so that alerts can point at them. Nothing here undoes or holds
 * up a rotation, and one way that fails does not keep the others from being tried.
 */
export async function publish(
  world: World,
  publication: Publication,
  people: People,
  errand: Errand,
  signal: AbortSignal,
): Promise<readonly ReportLine[]> {
  const lines: ReportLine[] = [];
  for (const [name, publisher] of Object.entries(PUBLISHERS)) {
    if (signal.aborted) break;
    try {
      lines.push(...(await publisher(world, publication, people, errand, signal)));
    } catch (error) {
      lines.push({ level: "warning", text: `${name}: ${failureOf(error).message}` });
    }
  }
  return lines;
}
