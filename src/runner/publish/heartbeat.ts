import type { Errand } from "../assign.ts";
import type { People } from "../ports.ts";
import type { ReportLine } from "../run-report.ts";
import { failureOf, type World } from "../world.ts";

const HEARTBEAT_SECONDS = 10;

/**
 * Tells the watcher outside that a scheduled run came to its end, could do its work and could tell people. What is wrong
 * with single credentials is told elsewhere: the heart beats on.
 */
export async function beat(
  { ports, inputs }: World,
  people: People,
  { only }: Errand,
  told: readonly ReportLine[],
  signal: AbortSignal,
): Promise<readonly ReportLine[]> {
  if (people.heartbeat === undefined || only !== undefined || signal.aborted) return [];
  const why =
    inputs.problems.length > 0
      ? "a document is invalid, so nothing starts"
      : told.some(({ level }) => level === "error")
        ? "people could not be told everything"
        : undefined;
  if (why !== undefined) return [{ level: "warning", text: `no heartbeat: ${why}` }];
  try {
    await people.heartbeat(AbortSignal.any([signal, ports.timeLimit(HEARTBEAT_SECONDS)]));
    return [];
  } catch (error) {
    return [{ level: "warning", text: `no heartbeat: ${failureOf(error).message}` }];
  }
}
