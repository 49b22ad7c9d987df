import { evaluate } from "../core/evaluate/evaluate.ts";
import type { StateFacts } from "../core/state/facts.ts";
import type { RunnerPorts } from "./ports.ts";
import { Publication } from "./publication.ts";
import { usableOf } from "./usable.ts";
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
  await publication.recallChanges(inputs, signal);
  const present = evaluation(ports, inputs, publication.state);
  const world: World = {
    ports,
    inputs,
    usable: await usableOf(ports, inputs, publication.state, signal),
    state: publication.state,
    evaluation: present,
    emergencies: present.findings.filter(({ level }) => level === "emergency"),
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
