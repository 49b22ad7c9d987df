import type { AuditEvent } from "../core/audit/entry.ts";
import { SETTINGS_DEFAULTS } from "../core/documents/settings.ts";
import { addTo, durationSeconds, parseInstant } from "../core/model/instant.ts";
import { sameFacts } from "../core/state/same-facts.ts";
import type { Status } from "../core/state/status.ts";
import type { Errand } from "./assign.ts";
import { type Observation, observeAtRest } from "./observe.ts";
import { observeServed } from "./observe-served.ts";
import type { Publication } from "./publication.ts";
import type { World } from "./world.ts";

/**
 * The last push of a run, should there be one: what the looks found, people's changes, or that a run happened at all.
 * Gives the observations that still hold: those whose record no other run has moved meanwhile.
 */
export async function finish(
  world: World,
  publication: Publication,
  errand: Errand,
  signal: AbortSignal,
): Promise<readonly Observation[]> {
  world.state = publication.state;
  const resting = await observeAtRest(world, errand, signal);
  let found = [...resting, ...(await observeServed(world, errand, resting, signal))];
  for (;;) {
    const events = found.flatMap(({ event }) => event ?? []);
    const statuses = new Map(
      found.flatMap(({ name, after }): [string, Status][] => (after === undefined ? [] : [[name, after]])),
    );
    const entry = runEntry(world, publication, events.length);
    const silent = events.length + entry.length === 0 && !publication.hasPreface && !publication.hasRenames;
    if (silent || signal.aborted) return found;
    const told =
      statuses.size > 0
        ? `${statuses.size} observed`
        : publication.hasPreface
          ? "people's changes recorded"
          : "nothing to do";
    if (
      await publication.push(
        { statuses, events: [...events, ...entry], subject: `run: ${told}`, trailers: [] },
        signal,
      )
    ) {
      return found;
    }
    await publication.refresh(world.inputs, signal);
    found = found.filter(({ name, base }) => sameFacts(publication.state.statuses.get(name), base));
  }
}

/** A run with nothing to say says so once per interval, so that a stopped schedule is noticed. */
function runEntry(world: World, publication: Publication, observed: number): readonly AuditEvent[] {
  const now = world.ports.clock.now();
  const every = world.inputs.documents.settings?.document.spec.schedule?.every ?? SETTINGS_DEFAULTS.every;
  const newest = parseInstant(publication.state.auditHead?.time ?? "");
  const recent = newest !== undefined && addTo(newest, durationSeconds(every)) > now;
  if (recent || publication.hasPreface || observed > 0) return [];
  return [
    {
      time: now,
      event: "run",
      outcome: "done",
      ...(world.inputs.commit === undefined ? {} : { inputs: world.inputs.commit }),
      detail: { credentials: world.evaluation.credentials.size, findings: world.evaluation.findings.length },
    },
  ];
}
