import type { AuditEvent } from "../core/audit/entry.ts";
import { evaluate } from "../core/evaluate/evaluate.ts";
import type { Instant } from "../core/model/instant.ts";
import type { DocumentChange } from "../core/ports/store.ts";
import type { StateFacts } from "../core/state/facts.ts";
import type { RunnerPorts } from "./ports.ts";
import { Publication } from "./publication.ts";
import type { World } from "./world.ts";

export interface Loaded {
  readonly world: World;
  readonly publication: Publication;
}

/**
 * Reads people's documents and the machine's records from the fetched tips, and what people changed since the trail
 * last looked. Nothing is written.
 */
export async function load(ports: RunnerPorts, signal: AbortSignal): Promise<Loaded> {
  const inputs = await ports.store.fetchInputs(signal);
  const state = await ports.store.fetchState(inputs, signal);
  const publication = new Publication(ports, state, inputs);
  publication.preface = await peoplesChanges(ports, state, inputs.commit, signal);
  const world: World = {
    ports,
    inputs,
    state: publication.state,
    evaluation: evaluation(ports, inputs, publication.state),
  };
  return { world, publication };
}

/** Evaluates the world anew on these records. */
export function evaluateWorld(world: World, state: StateFacts): void {
  world.state = state;
  world.evaluation = evaluation(world.ports, world.inputs, state);
}

function evaluation(ports: RunnerPorts, inputs: World["inputs"], state: StateFacts): World["evaluation"] {
  return evaluate({
    documents: inputs.documents,
    state,
    now: ports.clock.now(),
    commit: inputs.commit,
    sha256: ports.sha256,
    incomplete: inputs.problems.length > 0,
  });
}

/** People's changes stand in the trail before what follows from them. */
async function peoplesChanges(
  ports: RunnerPorts,
  state: StateFacts,
  commit: string | undefined,
  signal: AbortSignal,
): Promise<readonly AuditEvent[]> {
  if (commit === undefined) return [];
  const known = await ports.store.lastInputs(state);
  if (known === commit) return [];
  const time = ports.clock.now();
  const changes = await ports.store.changesSince(known, commit, signal);
  return changes.map((change) => documentEvent(change, commit, time));
}

function documentEvent(change: DocumentChange, inputs: string, time: Instant): AuditEvent {
  const { kind, name, formerName, file, commit, author, at } = change;
  const event: AuditEvent = {
    time,
    event: `document.${change.change}`,
    inputs,
    detail: { kind, name, ...(formerName === undefined ? {} : { formerName }), file, commit, author, at },
  };
  return kind === "Credential" ? { ...event, credential: name } : event;
}
