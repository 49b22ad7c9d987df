import { doneText } from "../core/history/step-words.ts";
import { EFFECT_LIMIT_SECONDS, mayStartEffect } from "../core/rotation/lease.ts";
import { afterApplied, type Failure } from "../core/rotation/outcome.ts";
import { again } from "../core/rotation/transition.ts";
import type { Step } from "../core/state/status.ts";
import { perform } from "./perform.ts";
import { forget, rotationOf, type Saga } from "./saga.ts";
import { afterTry, jitterOf, recordFailure, type Settled } from "./settle.ts";
import { rotationEvent, say, sayUnproven } from "./trail.ts";
import type { Performed } from "./turn.ts";
import { untilDone } from "./until-done.ts";
import { failureOf, situationOf, type World } from "./world.ts";

/**
 * Tries the effect whose intent was acknowledged, and puts its result into the record (not pushed yet). An effect
 * that outlasts its limit counts as UNKNOWN, whatever it still does; one that is under way at its target is waited for
 * while effects may start under this intent.
 */
export async function tryEffect(
  saga: Saga,
  step: Step,
  world: World,
  signal: AbortSignal,
): Promise<Settled | undefined> {
  const { ports } = world;
  const mayStart = (): boolean => mayStartEffect(rotationOf(saga), ports.identity.run, ports.clock.now());
  if (!mayStart()) {
    // Pushing or waiting took too long: nothing was sent, so that the step is decided and intended anew.
    saga.status = again(saga.status, ports.clock.now());
    saga.ourIntent = false;
    forget(saga);
    return undefined;
  }
  try {
    const performed = await untilDone(
      async () => within(ports.timeLimit(EFFECT_LIMIT_SECONDS), (limit) => perform(saga, step, world, limit)),
      () => !signal.aborted && mayStart(),
    );
    recordSuccess(saga, step, performed, world);
    return undefined;
  } catch (error) {
    return afterFailedEffect(saga, step, failureOf(error, saga.target), world);
  }
}

async function within(
  limit: AbortSignal,
  work: (signal: AbortSignal) => Promise<Performed>,
): Promise<Performed> {
  return new Promise<Performed>((done, failed) => {
    limit.addEventListener("abort", () => failed(limit.reason), { once: true });
    work(limit).then(done, failed);
  });
}

function recordSuccess(saga: Saga, step: Step, { applied, evidence }: Performed, world: World): void {
  const now = world.ports.clock.now();
  const around = { ...situationOf(saga, world), jitter: jitterOf(world) };
  const facts =
    applied.issued === undefined ? {} : { handle: applied.issued.handle, slot: applied.issued.slot };
  const before = saga.status;
  saga.status = afterApplied(saga.status, step, applied, around);
  saga.ourIntent = false;
  const detail = {
    ...facts,
    ...(evidence.length === 0 ? {} : { evidence: evidence.map((line) => ({ ...line })) }),
  };
  saga.events.push(
    rotationEvent(before, "step.done", now, {
      step,
      outcome: "applied",
      ...(Object.keys(detail).length === 0 ? {} : { detail }),
    }),
  );
  say(saga, "info", doneText(step));
  for (const { place, dead, detail: text } of evidence) {
    if (dead) say(saga, "info", `${place}: dead: ${text}`);
    else sayUnproven(saga, `${place}: NOT proven dead: ${text}`);
  }
  forget(saga);
}

/**
 * What follows is in the record's own rules. An effect in doubt past the point of no return is settled by the probes
 * of the recovery, at once the first time, exactly as if this process had died in it.
 */
function afterFailedEffect(saga: Saga, step: Step, failure: Failure, world: World): Settled | undefined {
  recordFailure(saga, step, failure, world);
  const { rotation } = saga.status;
  const doubtful = !failure.refused && (step === "push" || step === "apply");
  const probing =
    doubtful && saga.failures === 1 && rotation?.outcome === "open" && rotation.phase === "intended";
  if (!probing) return afterTry(saga, world);
  saga.issued = undefined;
  const { wait: _, ...rest } = rotation;
  saga.status = { ...saga.status, rotation: rest };
  return undefined;
}
