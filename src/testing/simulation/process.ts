import { CreError, EffectError } from "../../core/model/errors.ts";
import { type Instant, instantOf } from "../../core/model/instant.ts";
import type { Dice } from "./dice.ts";
import type { Trace } from "./trace.ts";
import type { VirtualTime } from "./virtual-time.ts";
import type { CallKind, Fate, Weather } from "./weather.ts";

/** What processes share. */
export interface Surroundings {
  readonly time: VirtualTime;
  readonly dice: Dice;
  readonly weather: Weather;
  readonly trace: Trace;
  /** Told after everything that changed the world. */
  changed(): void;
}

/** The longest that a request is on its way: whoever receives it bounds what it takes on. */
const ON_ITS_WAY_SECONDS = 30;

/** One runner, or one person's command, as a process of a host: it can be paused, interrupted and killed. */
export class Process {
  readonly name: string;
  readonly host: string;
  /** How far its clock is off, in seconds. */
  readonly skew: number;
  readonly #around: Surroundings;
  readonly #stop = new AbortController();
  #dead = false;
  #over = false;
  #stoppedUntil = 0;

  constructor(name: string, host: string, skew: number, around: Surroundings) {
    this.name = name;
    this.host = host;
    this.skew = skew;
    this.#around = around;
  }

  /** It no longer exists: killed, or at its end. */
  get gone(): boolean {
    return this.#dead || this.#over;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** The person or scheduler that started it may ask it to stop. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** What its own clock shows. */
  now(): Instant {
    return instantOf(this.#around.time.now + this.skew);
  }

  end(): void {
    this.#over = true;
  }

  /**
   * One call to the world: `act` happens when it arrives, if it does, and its answer comes later, if it does. A killed
   * process never hears of anything again. Rejects when the signal aborts first, as every adapter does.
   */
  async call<T>(what: string, kind: CallKind, signal: AbortSignal, act: () => T): Promise<T> {
    const { dice, weather, trace } = this.#around;
    if (this.#dead) return new Promise<T>(() => undefined);
    signal.throwIfAborted();
    const fate = weather.fate(kind);
    if (fate !== "ok") trace.say(this.name, () => `${what}: ${fate}`);
    return new Promise<T>((done, fail) => {
      signal.addEventListener("abort", () => fail(signal.reason), { once: true });
      const arrive = (): (() => void) => {
        try {
          const value = act();
          if (kind !== "read") trace.say(this.name, () => `${what}: ${toldOf(value)}`);
          return () => done(value);
        } catch (error) {
          trace.say(this.name, () => `${what}: ${error instanceof Error ? error.message : "failed"}`);
          return () => fail(error);
        } finally {
          if (kind !== "read") this.#around.changed();
        }
      };
      const later = dice.int(20) / 10;
      this.#meet(fate, kind, {
        arrive,
        answer: (reply, seconds) => this.#after(seconds, reply),
        giveUp: () => this.#after(5 + dice.int(60), () => fail(unheard(kind, what))),
        refuse: () => this.#after(later, () => fail(refusal(kind, what, dice))),
        latency: later,
      });
    });
  }

  #meet(
    fate: Fate,
    kind: CallKind,
    call: {
      readonly arrive: () => () => void;
      readonly answer: (reply: () => void, seconds: number) => void;
      readonly giveUp: () => void;
      readonly refuse: () => void;
      readonly latency: number;
    },
  ): void {
    const { time, dice, trace } = this.#around;
    const { arrive, answer, giveUp, refuse, latency } = call;
    switch (fate) {
      case "interrupted":
        this.#stop.abort(new DOMException("interrupted", "AbortError"));
        time.after(latency, () => answer(arrive(), 0));
        return;
      case "ok":
        // A read has no middle in which anything could happen.
        if (kind === "read" || dice.once(2)) time.after(latency, () => this.#hear(arrive()));
        else time.after(latency, () => answer(arrive(), latency));
        return;
      case "refused":
        refuse();
        return;
      case "dropped":
        giveUp();
        return;
      case "lost":
        time.after(latency, () => void arrive());
        giveUp();
        return;
      case "twice": {
        time.after(latency, () => answer(arrive(), latency));
        time.after(latency + dice.int(ON_ITS_WAY_SECONDS), () => void arrive());
        return;
      }
      case "late":
        time.after(dice.int(ON_ITS_WAY_SECONDS), () => answer(arrive(), latency));
        return;
      case "paused":
        this.#stoppedUntil = time.now + dice.pick([300, 1000, 1200, 4000, 40_000]);
        time.after(latency, () => answer(arrive(), 0));
        return;
      case "dies-before":
        this.#die(trace);
        return;
      case "dies-after":
        time.after(latency, () => {
          arrive();
          this.#die(trace);
        });
        return;
      case "dies-in-flight":
        time.after(dice.int(ON_ITS_WAY_SECONDS), () => void arrive());
        this.#die(trace);
    }
  }

  #after(seconds: number, act: () => void): void {
    this.#around.time.after(seconds, () => this.#hear(act));
  }

  /** Only a living process hears anything, and a stopped one when it goes on. */
  #hear(act: () => void): void {
    if (this.#dead) return;
    const wait = this.#stoppedUntil - this.#around.time.now;
    if (wait > 0) this.#after(wait, act);
    else act();
  }

  #die(trace: Trace): void {
    if (!this.#dead) trace.say(this.name, () => "is killed");
    this.#dead = true;
  }

  /** A signal that aborts after so many seconds of its life. */
  timeLimit(seconds: number): AbortSignal {
    const limit = new AbortController();
    this.#after(seconds, () => {
      if (!this.#over) limit.abort(new DOMException("too long", "TimeoutError"));
    });
    return limit.signal;
  }

  async pause(seconds: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((done) => {
      this.#after(seconds, done);
      signal.addEventListener("abort", () => done(), { once: true });
    });
  }
}

function toldOf(value: unknown): string {
  if (typeof value !== "object" || value === null || !("outcome" in value)) return "done";
  return String(value.outcome);
}

function unheard(kind: CallKind, what: string): Error {
  if (kind === "effect") return new EffectError("unknown", "time-out", `${what}: no answer`);
  return new CreError("unreachable", `${what}: no answer`);
}

function refusal(kind: CallKind, what: string, dice: Dice): Error {
  if (kind !== "effect") return new CreError("unavailable", `${what}: not now`);
  return new EffectError("refused", "unavailable", `${what}: not now`, { retryable: !dice.once(6) });
}
