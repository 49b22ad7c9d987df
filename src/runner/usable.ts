import type { Documents } from "../core/documents/kinds.ts";
import type { Inputs } from "../core/ports/store.ts";
import { usableDocuments } from "../core/reviews/usable-documents.ts";
import type { StateFacts } from "../core/state/facts.ts";
import type { RunnerPorts } from "./ports.ts";

/** Documents with every target in the form that is in force: nothing is bound to anything else. */
export interface Usable {
  readonly inputs: Inputs;
  /** Credentials with which nothing is done at all, with the reason. */
  readonly refused: ReadonlyMap<string, string>;
}

/** What of these inputs may be used. Reads older commits only where a change waits to be in force. */
export async function usableOf(
  { store, clock, sha256 }: Pick<RunnerPorts, "store" | "clock" | "sha256">,
  inputs: Inputs,
  state: StateFacts,
  signal: AbortSignal,
): Promise<Usable> {
  const world = { documents: inputs.documents, state, now: clock.now(), sha256 };
  const former = new Map<string, Documents | undefined>();
  const look = (wanted: Set<string>) =>
    usableDocuments(world, (commit) => {
      if (!former.has(commit)) wanted.add(commit);
      return former.get(commit);
    });
  let wanted = new Set<string>();
  let found = look(wanted);
  // What one commit says may lead to another one.
  while (wanted.size > 0) {
    for (const commit of wanted) former.set(commit, (await store.inputsAt(commit, signal))?.documents);
    wanted = new Set();
    found = look(wanted);
  }
  const { documents, commits, refused } = found;
  if (documents === inputs.documents) return { inputs, refused };
  return { inputs: { ...inputs, documents, formerCommits: commits }, refused };
}

/** Whatever is bound from now on, is bound with what is in force by these documents and records. */
export async function lookAtTargets(
  world: { readonly ports: RunnerPorts; readonly inputs: Inputs; usable: Usable },
  state: StateFacts,
  signal: AbortSignal,
): Promise<void> {
  world.usable = await usableOf(world.ports, world.inputs, state, signal);
}
