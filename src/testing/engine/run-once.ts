import { EffectError } from "../../core/model/errors.ts";
import { addTo, type Instant } from "../../core/model/instant.ts";
import { MAX_FAILURES } from "../../core/rotation/backoff.ts";
import { nextMove } from "../../core/rotation/decide.ts";
import { NO_GATES } from "../../core/rotation/gate.ts";
import { holdLease } from "../../core/rotation/lease.ts";
import { afterApplied, afterFailure, type Failure } from "../../core/rotation/outcome.ts";
import type { Look, Sights, Situation } from "../../core/rotation/situation.ts";
import { intend, isOpen, openRotation, park, release } from "../../core/rotation/transition.ts";
import type { Status, Step } from "../../core/state/status.ts";
import { Deeds, type Memory } from "./deeds.ts";
import type { Estate } from "./estate.ts";
import { lookAt } from "./looks.ts";
import type { Tape } from "./tape.ts";

/** The process died here: what was in memory only is gone. */
export class Crash extends Error {}

/** Told at every moment at which the world may have changed. */
export interface Watch {
  say(line: () => string): void;
  /** An intent is pushed; its effect comes next. */
  intended(status: Status, step: Step): void;
  changed(status: Status): void;
}

const MOST_MOVES = 300;

/**
 * One run over one open rotation, as the runner goes about it: looks, moves, pushed intents, effects. Everything that
 * can fail or die does so where the tape says. Rejects with Crash when the process dies, and with anything else only
 * for a bug.
 */
export class RunOnce {
  readonly #estate: Estate;
  readonly #tape: Tape;
  readonly #watch: Watch;
  readonly #name: string;
  readonly #explicit: boolean;
  #status: Status;
  #sights: Sights = {};
  readonly #memory: Memory = { secret: undefined };
  readonly #deeds: Deeds;
  #ourIntent = false;
  #failures = 0;

  constructor(
    estate: Estate,
    tape: Tape,
    watch: Watch,
    name: string,
    begun: { status: Status; explicit: boolean },
  ) {
    this.#estate = estate;
    this.#tape = tape;
    this.#watch = watch;
    this.#name = name;
    this.#status = begun.status;
    this.#explicit = begun.explicit;
    this.#deeds = new Deeds(estate, this.#memory, (all, act) => this.#each(all, act));
  }

  go(): void {
    for (let moves = 0; moves < MOST_MOVES; moves += 1) {
      if (!isOpen(this.#status.rotation)) return this.#push(this.#status);
      const move = nextMove(this.#status, this.#situation());
      switch (move.kind) {
        case "rest":
          this.#watch.say(
            () => `rests: ${JSON.stringify(move.status.rotation?.wait ?? move.status.rotation?.parked)}`,
          );
          return this.#push(move.status);
        case "poll":
          this.#estate.pass(300);
          for (const target of this.#estate.targets) if (!this.#tape.once(2)) target.reload();
          this.#sights = {};
          break;
        case "go":
          this.#watch.say(() => `${move.event}: ${move.detail}`);
          this.#become(move.status);
          break;
        case "look":
          if (!this.#look(move.look)) return this.#push(release(this.#status));
          break;
        case "effect":
          if (!this.#effect(move.status, move.step, move.newAttempt)) {
            return this.#push(release(this.#status));
          }
      }
    }
    throw new Error(`its decisions go in a circle at ${this.#status.rotation?.step}`);
  }

  #become(status: Status): void {
    this.#status = status;
    this.#ourIntent = false;
    this.#sights = {};
  }

  #push(status: Status): void {
    this.#die(12);
    this.#estate.pushed = status;
    this.#status = status;
  }

  #die(n: number): void {
    if (this.#tape.once(n)) throw new Crash();
  }

  #situation(): Situation {
    const { plan, now, hold, closedWindow, documentGone } = this.#estate;
    const { attempt } = openRotation(this.#status);
    return {
      now,
      shape: { staging: plan.staging, pushing: plan.pushing },
      gates: {
        ...NO_GATES,
        hold: hold ? { name: "stop", until: addTo(now, 60), reason: "stop" } : undefined,
        window: closedWindow ? { open: false, nextOpen: addTo(now, 3600) } : undefined,
      },
      hasSecret: attempt !== undefined && this.#memory.secret === attempt.id,
      ourIntent: this.#ourIntent,
      canDeactivate: plan.canDeactivate,
      canContain: plan.canContain,
      documentGone,
      explicit: this.#explicit && this.#failures === 0,
      sights: this.#sights,
    };
  }

  /** False: it failed, and this run does no more. */
  #look(look: Look): boolean {
    this.#die(40);
    if (this.#tape.once(25)) {
      return this.#failed(
        openRotation(this.#status).step,
        new EffectError("refused", "unreachable", "no answer"),
        look,
      );
    }
    const { step } = openRotation(this.#status);
    if (look === "verify" && this.#memory.secret !== openRotation(this.#status).attempt?.id) {
      throw new Error("a secret is needed after it was lost");
    }
    const looked = lookAt(look, this.#status, this.#estate);
    this.#status = looked.status;
    this.#sights = { ...this.#sights, ...looked.sights };
    if (openRotation(this.#status).step !== step) this.#sights = {};
    return true;
  }

  /** False: it failed, and this run does no more. */
  #effect(status: Status, step: Step, newAttempt: boolean): boolean {
    const taker = { run: this.#name, holder: this.#name, seconds: 900 };
    const grant = holdLease(status, taker, this.#estate.now);
    const attempt = `${this.#name}-${this.#estate.now}-${(status.rotation?.attempts ?? 0) + 1}`;
    const intended = intend(status, step, newAttempt ? { ...grant, attempt } : grant, this.#estate.now);
    this.#push(intended);
    this.#sights = {};
    this.#ourIntent = true;
    this.#watch.say(() => `intends ${step}`);
    this.#watch.intended(intended, step);
    this.#die(12);
    this.#estate.pass(3);
    const fate = this.#tape.pick(["ok", "ok", "ok", "ok", "ok", "ok", "refused", "lost", "late"] as const);
    try {
      if (fate === "refused") throw new EffectError("refused", "refused", "no");
      if (fate === "lost") throw new EffectError("unknown", "time-out", "no answer");
      const applied = this.#deeds.perform(this.#status, step);
      this.#watch.changed(this.#status);
      this.#die(12);
      if (fate === "late") throw new EffectError("unknown", "time-out", "no answer");
      this.#become(afterApplied(this.#status, step, applied, { ...this.#situation(), jitter: 0 }));
      this.#watch.changed(this.#status);
      return true;
    } catch (error) {
      if (!(error instanceof EffectError)) throw error;
      this.#watch.changed(this.#status);
      return this.#failed(step, error, undefined);
    }
  }

  /** One after another, and the process may die, or the call fail, between two. */
  #each<T>(all: readonly T[], act: (one: T) => void): void {
    for (const [index, one] of all.entries()) {
      if (index > 0) this.#die(10);
      if (index > 0 && this.#tape.once(10)) throw new EffectError("unknown", "time-out", "no answer");
      act(one);
      this.#watch.changed(this.#status);
    }
  }

  #failed(step: Step, error: EffectError, look: Look | undefined): boolean {
    this.#failures += 1;
    this.#watch.say(() => `${look ?? step} failed: ${error.outcome} ${error.code}`);
    const failure: Failure = {
      code: error.code,
      message: error.message,
      final: !error.retryable,
      refused: error.outcome === "refused",
    };
    // A probe that failed leaves everything as it is.
    const around = { ...this.#situation(), jitter: 0 };
    if (look === "recovery") this.#status = countedOnly(this.#status, failure, around.now);
    else this.#status = afterFailure(this.#status, step, failure, around);
    this.#ourIntent = false;
    this.#sights = {};
    const { rotation } = this.#status;
    // In doubt the runner lets the secret go: the probes decide, as after a death.
    if ((step === "push" || step === "apply") && !failure.refused) this.#memory.secret = undefined;
    if (!isOpen(rotation) || rotation.outcome === "parked") return false;
    if (rotation.emergency) return this.#failures < 5;
    return rotation.step === "abort" && rotation.phase === "ready" && this.#failures < 2;
  }
}

/** What a run notes when not even the probe could be asked. */
function countedOnly(status: Status, failure: Failure, now: Instant): Status {
  const rotation = openRotation(status);
  const failures = rotation.failures + 1;
  const counted = { ...status, rotation: { ...rotation, failures } };
  return failures >= MAX_FAILURES ? park(counted, failure.code, failure.message, ["retry"], now) : counted;
}
