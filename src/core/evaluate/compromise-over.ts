import type { StateFacts } from "../state/facts.ts";
import { isDeclaredCompromised } from "./compromise.ts";
import type { EvaluationResult } from "./evaluation.ts";

/** Why a compromise is told no more, in one sentence. Nothing is called dead that no run has seen to be dead. */
export function compromiseOver(
  name: string,
  { credentials }: Pick<EvaluationResult, "credentials">,
  state: StateFacts,
): string {
  const evaluated = credentials.get(name);
  if (evaluated === undefined) {
    return `${name} is no longer registered, so nothing looks any more at whether a version from before its compromise is alive.`;
  }
  const { document } = evaluated.source;
  if (!isDeclaredCompromised(document, state)) return `The compromise of ${name} was withdrawn.`;
  const status = state.statuses.get(name);
  const isObserved =
    document.spec.method !== "manual" &&
    status !== undefined &&
    (status.versions.length > 0 || status.adoptedAt !== undefined);
  if (isObserved) return `${name} was compromised, and no version from before that is alive any more.`;
  return `${name} was compromised, and rotated since (${evaluated.last}, ${evaluated.lastSource}). That the version from before is dead was seen by no run.`;
}
