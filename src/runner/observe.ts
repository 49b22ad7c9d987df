import pLimit from "p-limit";
import type { AuditEvent } from "../core/audit/entry.ts";
import { SETTINGS_DEFAULTS } from "../core/documents/settings.ts";
import { EFFECT_LIMIT_SECONDS } from "../core/rotation/lease.ts";
import { reconcile } from "../core/rotation/reconcile.ts";
import { isOpen } from "../core/rotation/transition.ts";
import { worthWriting } from "../core/state/same-facts.ts";
import type { Status } from "../core/state/status.ts";
import type { Errand } from "./assign.ts";
import type { ReportLine } from "./run-report.ts";
import { capabilityOf, failureOf, type World } from "./world.ts";

/** What a look at adopted credentials without an open rotation found. */
export interface Observations {
  readonly statuses: ReadonlyMap<string, Status>;
  readonly events: readonly AuditEvent[];
  readonly lines: readonly ReportLine[];
  /** Some provider could not be asked, or is ahead of its record. */
  readonly failed: boolean;
}

/**
 * Compares every adopted credential at rest with its provider. Nothing is changed there; a provider that is ahead of
 * the record is written down, so that nothing starts before a person looked.
 */
export async function observeAtRest(world: World, errand: Errand, signal: AbortSignal): Promise<Observations> {
  const { ports, inputs, state } = world;
  const statuses = new Map<string, Status>();
  const events: AuditEvent[] = [];
  const lines: ReportLine[] = [];
  let failed = false;
  const limit = pLimit(inputs.documents.settings?.document.spec.limits?.concurrency ?? SETTINGS_DEFAULTS.concurrency);
  const resting = [...state.statuses.values()].filter(({ credential, adoptedAt, rotation }) => {
    const document = inputs.documents.credentials.get(credential)?.document;
    const ours = document?.spec.method === "automated" && adoptedAt !== undefined && !isOpen(rotation);
    return ours && (errand.only?.has(credential) ?? true) && capabilityOf(credential, world)?.able === true;
  });
  const look = async (status: Status): Promise<void> => {
    if (signal.aborted) return;
    const { credential } = status;
    try {
      const after = await observeOne(status, world, signal);
      if (after.behind !== undefined) {
        failed = true;
        lines.push({ level: "error", text: `${credential}: ${after.behind.message}`, credential });
      }
      if (!worthWriting(status, after)) return;
      statuses.set(credential, after);
      const detail = after.behind === undefined ? { versions: after.versions.length } : { code: after.behind.code, reason: after.behind.message };
      events.push({ time: ports.clock.now(), event: "credential.observed", credential, outcome: after.behind === undefined ? "done" : "failed", detail });
    } catch (error) {
      failed = true;
      lines.push({ level: "error", text: `${credential}: could not be observed: ${failureOf(error).message}`, credential });
    }
  };
  await Promise.all(resting.map((status) => limit(look, status)));
  events.sort((a, b) => ((a.credential ?? "") < (b.credential ?? "") ? -1 : 1));
  lines.sort((a, b) => (a.text < b.text ? -1 : 1));
  return { statuses, events, lines, failed };
}

async function observeOne(status: Status, world: World, signal: AbortSignal): Promise<Status> {
  const { ports, inputs } = world;
  const source = inputs.documents.credentials.get(status.credential);
  if (source === undefined) return status;
  const bound = await ports.bind(source.document, inputs);
  try {
    const observed = await bound.rotator?.observe(AbortSignal.any([signal, ports.timeLimit(EFFECT_LIMIT_SECONDS)]));
    if (observed === undefined) return status;
    const found = reconcile(status, observed);
    if (found.kind === "consistent") {
      const { behind: _, ...rest } = status;
      return { ...rest, versions: [...found.versions] };
    }
    const since = status.behind?.code === found.code ? status.behind.since : ports.clock.now();
    return { ...status, behind: { code: found.code, message: found.message, since } };
  } finally {
    await bound.close();
  }
}
