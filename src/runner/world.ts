import type { Credential } from "../core/documents/credential.ts";
import type { EvaluationResult } from "../core/evaluate/evaluation.ts";
import type { Finding } from "../core/evaluate/finding.ts";
import { CreError, EffectError } from "../core/model/errors.ts";
import type { Capability } from "../core/plan/capability.ts";
import { gatesFor } from "../core/plan/gates.ts";
import type { Inputs } from "../core/ports/store.ts";
import type { Failure } from "../core/rotation/outcome.ts";
import type { Situation } from "../core/rotation/situation.ts";
import type { StateFacts } from "../core/state/facts.ts";
import type { Bound, RunnerPorts } from "./ports.ts";
import { rotationOf, type Saga } from "./saga.ts";
import type { Usable } from "./usable.ts";

/** What this run knows of the outside: read again before every intent. */
export interface World {
  readonly ports: RunnerPorts;
  inputs: Inputs;
  /** The inputs with every target in the form that is in force: whatever is bound, is bound with these. */
  usable: Usable;
  /** Records joined with the documents that name them. */
  state: StateFacts;
  evaluation: EvaluationResult;
  /** Emergencies when this run began: one that it ends by itself is told all the same. */
  readonly emergencies: readonly Finding[];
}

/** Binds the pinned credential once; its provider and targets are those of the rotation's own document. */
export async function boundOf(saga: Saga, world: World, signal: AbortSignal): Promise<Bound> {
  saga.bound ??= await bindUsable(rotationOf(saga).pinned.credential, saga.name, world, signal);
  return saga.bound;
}

/** Binds a credential with connections in the form that is in force. Rejects where nobody can say which that is. */
export async function bindUsable(
  credential: Credential,
  name: string,
  { ports, usable }: World,
  signal: AbortSignal,
): Promise<Bound> {
  const refusal = usable.refused.get(name);
  if (refusal !== undefined) throw new CreError("target-unknown", refusal);
  return ports.bind(credential, usable.inputs, signal);
}

/** Everything outside the record that the next move of a saga depends on. */
export function situationOf(saga: Saga, world: World): Situation {
  const rotation = rotationOf(saga);
  const { credential, policy } = rotation.pinned;
  const now = world.ports.clock.now();
  return {
    now,
    shape: world.ports.shape(credential),
    gates: gatesFor(
      credential,
      policy,
      world.inputs.documents,
      world.state,
      now,
      world.evaluation.credentials.get(saga.name)?.change,
    ),
    hasSecret:
      rotation.attempt === undefined
        ? saga.given !== undefined
        : saga.issued?.attempt === rotation.attempt.id,
    ourIntent: saga.ourIntent,
    canDeactivate: saga.bound?.rotator?.deactivate !== undefined,
    canContain: saga.bound?.rotator?.contain !== undefined,
    documentGone: world.inputs.problems.length === 0 && !world.inputs.documents.credentials.has(saga.name),
    explicit: saga.explicit && saga.failures === 0,
    sights: saga.sights,
  };
}

/**
 * What a failed look or effect means for the record. `target`: what the effect was busy with; an error of ours names it
 * itself. Texts of errors that are not ours are not repeated: they may hold anything.
 */
export function failureOf(error: unknown, target?: string): Failure {
  if (error instanceof EffectError) {
    return {
      code: error.code,
      message: oneLine(error),
      final: !error.retryable,
      refused: error.outcome === "refused",
    };
  }
  if (error instanceof CreError) {
    return { code: error.code, message: oneLine(error), final: false, refused: true };
  }
  const name = error instanceof Error ? error.name : "an unknown value";
  const timedOut = name === "TimeoutError" || name === "AbortError";
  const who = target === undefined ? "" : `${target}: `;
  return timedOut
    ? { code: "time-out", message: `${who}no answer within the time limit`, final: false, refused: false }
    : {
        code: "internal",
        message: `unexpected ${name}: a bug, please report it`,
        final: false,
        refused: false,
      };
}

function oneLine(error: CreError): string {
  return error.describe().replaceAll("\n", "; ");
}

/** Capability of a credential's present document; undefined when the document is gone. */
export function capabilityOf(name: string, world: World): Capability | undefined {
  const { documents } = world.usable.inputs;
  const source = documents.credentials.get(name);
  return source === undefined ? undefined : world.ports.capabilities(documents)(source);
}
