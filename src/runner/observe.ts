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
import { bindUsable, capabilityOf, failureOf, type World } from "./world.ts";

/** What a look at one adopted credential without an open rotation found. */
export interface Observation {
  readonly name: string;
  /** The record that the provider was compared with: once another run has moved it, this says nothing any more. */
  readonly base: Status | undefined;
  /** The record with what was found; undefined: nothing new. */
  readonly after: Status | undefined;
  readonly event: AuditEvent | undefined;
  /** Trouble for people: the provider could not be asked, or is ahead of its record. */
  readonly line: ReportLine | undefined;
}

/**
 * Compares every adopted credential at rest with its provider. Nothing is changed there; a provider that is ahead of
 * the record is written down, so that nothing starts before a person looked.
 */
export async function observeAtRest(
  world: World,
  errand: Errand,
  signal: AbortSignal,
): Promise<readonly Observation[]> {
  const { inputs, state } = world;
  const limit = pLimit(
    inputs.documents.settings?.document.spec.limits?.concurrency ?? SETTINGS_DEFAULTS.concurrency,
  );
  const resting = [...state.statuses.values()]
    .filter(({ credential, adoptedAt, rotation }) => {
      const document = inputs.documents.credentials.get(credential)?.document;
      const ours = document?.spec.method === "automated" && adoptedAt !== undefined && !isOpen(rotation);
      return ours && (errand.only?.has(credential) ?? true) && capabilityOf(credential, world)?.able === true;
    })
    .toSorted((a, b) => (a.credential < b.credential ? -1 : 1));
  return Promise.all(resting.map((status) => limit(observation, status, world, signal)));
}

async function observation(base: Status, world: World, signal: AbortSignal): Promise<Observation> {
  const name = base.credential;
  const said = (text: string): ReportLine => ({ level: "error", text: `${name}: ${text}`, credential: name });
  if (signal.aborted) return { name, base, after: undefined, event: undefined, line: undefined };
  try {
    const after = await observeOne(base, world, signal);
    const line = after.behind === undefined ? undefined : said(after.behind.message);
    if (!worthWriting(base, after)) return { name, base, after: undefined, event: undefined, line };
    const detail =
      after.behind === undefined
        ? { versions: after.versions.length }
        : { code: after.behind.code, reason: after.behind.message };
    const outcome = after.behind === undefined ? "done" : "failed";
    return {
      name,
      base,
      after,
      event: {
        time: world.ports.clock.now(),
        event: "credential.observed",
        credential: name,
        outcome,
        detail,
      },
      line,
    };
  } catch (error) {
    return {
      name,
      base,
      after: undefined,
      event: undefined,
      line: said(`could not be observed: ${failureOf(error).message}`),
    };
  }
}

async function observeOne(status: Status, world: World, signal: AbortSignal): Promise<Status> {
  const { ports, usable } = world;
  const source = usable.inputs.documents.credentials.get(status.credential);
  if (source === undefined) return status;
  const limit = AbortSignal.any([signal, ports.timeLimit(EFFECT_LIMIT_SECONDS)]);
  const bound = await bindUsable(source.document, status.credential, world, limit);
  try {
    const observed = await bound.rotator?.observe(limit, status.versions);
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
