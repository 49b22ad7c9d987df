import { isAskedToday, noteWatch, type WatchSight } from "../../core/alerts/watch.ts";
import { evaluateWorld } from "../load.ts";
import type { People } from "../ports.ts";
import type { ReportLine } from "../run-report.ts";
import { failureOf, type World } from "../world.ts";
import { isReadable } from "./gap.ts";
import type { Publisher } from "./publisher.ts";
import { pushBook } from "./push-book.ts";

const ASK_SECONDS = 30;

/**
 * Looks after the enforcer itself, in scheduled runs: the schedule at the forge, the end of the forge's token, and
 * secrets that the runner lacks. What it sees becomes findings, for this run's issues and alerts as for whoever looks.
 */
export const watchEnforcer: Publisher = async (world, publication, people, { only }, signal) => {
  if (only !== undefined || !isReadable(publication.state)) return [];
  const now = world.ports.clock.now();
  const lines: ReportLine[] = [];
  const sight: WatchSight = {
    zone: people.zone,
    absent: people.absentSecrets?.(),
    forge: isAskedToday(publication.state.books?.alerts, now)
      ? undefined
      : await askForge(world, people, lines, signal),
  };
  await pushBook(publication, world, signal, (book) => {
    const after = noteWatch(book, sight, now);
    if (after === book) return undefined;
    const event = { time: now, event: "enforcer.watched", outcome: "done" } as const;
    return { book: after, event, subject: "alerts: the enforcer itself looked at" };
  });
  if (publication.state !== world.state) evaluateWorld(world, publication.state);
  return lines;
};

async function askForge(
  { ports }: World,
  people: People,
  lines: ReportLine[],
  signal: AbortSignal,
): Promise<WatchSight["forge"]> {
  const limit = AbortSignal.any([signal, ports.timeLimit(ASK_SECONDS)]);
  try {
    const forge = await people.forge();
    if (forge === undefined) return "none";
    return { schedules: await forge.schedules(limit), tokenEnds: await forge.tokenExpiry(limit) };
  } catch (error) {
    const text = `the forge cannot be asked about the enforcer's schedule: ${failureOf(error).message}`;
    lines.push({ level: "warning", text });
    return undefined;
  }
}
