import type { AuditEvent } from "../core/audit/entry.ts";
import { SETTINGS_DEFAULTS } from "../core/documents/settings.ts";
import { addTo, durationSeconds, parseInstant } from "../core/model/instant.ts";
import type { Errand } from "./assign.ts";
import { type Observations, observeAtRest } from "./observe.ts";
import type { Publication } from "./publication.ts";
import type { World } from "./world.ts";

/** The last push of a run, should there be one: what the looks found, people's changes, or that a run happened at all. */
export async function finish(world: World, publication: Publication, errand: Errand, signal: AbortSignal): Promise<Observations> {
  world.state = publication.state;
  const found = await observeAtRest(world, errand, signal);
  for (;;) {
    const events = [...found.events, ...runEntry(world, publication, found)];
    const silent = events.length === 0 && publication.preface.length === 0 && found.statuses.size === 0 && !publication.hasRenames;
    if (silent || signal.aborted) return found;
    const told = found.statuses.size > 0 ? `${found.statuses.size} observed` : publication.preface.length > 0 ? "people's changes recorded" : "nothing to do";
    // Observations of records that another run moved meanwhile are stale: the next run looks again.
    const statuses = new Map([...found.statuses].filter(([name]) => publication.state.statuses.get(name)?.epoch === found.statuses.get(name)?.epoch));
    if (await publication.push({ statuses, events, subject: `run: ${told}`, trailers: [] }, signal)) return found;
    await publication.refresh(world.inputs, signal);
  }
}

/** A run with nothing to say says so once per interval, so that a stopped schedule is noticed. */
function runEntry(world: World, publication: Publication, found: Observations): readonly AuditEvent[] {
  const now = world.ports.clock.now();
  const every = world.inputs.documents.settings?.document.spec.schedule?.every ?? SETTINGS_DEFAULTS.every;
  const newest = parseInstant(publication.state.auditHead?.time ?? "");
  const recent = newest !== undefined && addTo(newest, durationSeconds(every)) > now;
  if (recent || publication.preface.length > 0 || found.events.length > 0) return [];
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
