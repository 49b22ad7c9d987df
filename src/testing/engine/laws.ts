import { addTo, type Instant } from "../../core/model/instant.ts";
import { observedOf, openRotation, retiring } from "../../core/rotation/transition.ts";
import type { Status, Step } from "../../core/state/status.ts";
import type { Estate } from "./estate.ts";
import type { Watch } from "./run-once.ts";

/** What must be true at every moment of every story. Each breach is an error that says what happened. */
export class Laws implements Watch {
  readonly #estate: Estate;
  /** An emergency began while something else was under way, or was told to kill first: consumers may be out. */
  #excused = false;
  #holder: string | undefined;
  #epoch = 0;

  constructor(estate: Estate) {
    this.#estate = estate;
  }

  /** What happened, for the reader of a broken story. */
  readonly #lines: { readonly now: Instant; readonly line: () => string }[] = [];

  say(line: () => string): void {
    this.#lines.push({ now: this.#estate.now, line });
  }

  get log(): readonly string[] {
    return this.#lines.slice(-50).map(({ now, line }) => `${now} ${line()}`);
  }

  intended(status: Status, step: Step): void {
    this.#countEpoch(status);
    const { rotation } = status;
    if (rotation?.emergency === true) this.#excused = true;
    if (step === "deactivate" || step === "revoke") this.#evidence(status, step);
    this.changed(status);
  }

  changed(_status: Status): void {
    this.#strangersAreLeftAlone();
    this.#slots();
    if (this.#estate.provider.foreign === undefined) this.#consumersAreServed();
  }

  /** The calm after the story has come to an end. */
  ended(rotated: boolean): void {
    const { pushed, provider, incident, targets } = this.#estate;
    if (provider.foreign !== undefined) {
      // A stranger's version is for people: parked with its reason, or never touched by a rotation that went around it.
      return;
    }
    if (!rotated) {
      const { rotation } = pushed;
      throw new Error(
        `no rotation came to an end in calm: ${rotation?.recipe} ${rotation?.step} ${rotation?.outcome} ` +
          `${JSON.stringify(rotation?.wait)} ${JSON.stringify(rotation?.parked)}`,
      );
    }
    for (const target of targets) {
      if (!provider.isLive(target.current)) {
        throw new Error(`${target.label} is left without a version that works`);
      }
    }
    const live = provider.slots.filter((slot) => slot.live);
    if (live.length !== 1) throw new Error(`${live.length} versions can log in after the end`);
    const burnt = live.some(({ createdAt }) => incident !== undefined && (createdAt ?? incident) <= incident);
    if (burnt) throw new Error("a burnt version outlived its emergency");
  }

  /** Whoever takes the lease counts one up; whoever has it does not. */
  #countEpoch({ epoch, rotation }: Status): void {
    const holder = rotation?.lease?.run;
    const expected = holder === this.#holder ? this.#epoch : this.#epoch + 1;
    if (epoch !== expected) throw new Error(`the epoch is ${epoch} and not ${expected}`);
    this.#holder = holder;
    this.#epoch = epoch;
  }

  #slots(): void {
    const { slots } = this.#estate.provider;
    if (slots.filter(({ live }) => live).length > slots.length) throw new Error("more versions than slots");
  }

  #strangersAreLeftAlone(): void {
    const { foreign, slots } = this.#estate.provider;
    if (foreign !== undefined && !slots.some(({ secret, live }) => secret === foreign && live)) {
      throw new Error("a stranger's version was touched");
    }
  }

  #consumersAreServed(): void {
    const { provider, targets, plan, inPlace } = this.#estate;
    if (this.#excused || plan.recipe === "in-place-downtime") return;
    for (const target of targets) {
      const known = inPlace ? [target.current, target.pending] : [target.current];
      if (!known.some((secret) => provider.isLive(secret))) {
        throw new Error(`${target.label} knows no version that works`);
      }
    }
  }

  /** Time and evidence, or a person's word, stand in the record before anything is ended. */
  #evidence(status: Status, step: "deactivate" | "revoke"): void {
    const rotation = openRotation(status);
    const { policy } = rotation.pinned;
    if (rotation.emergency) return;
    const { now, provider, plan } = this.#estate;
    const past = (since: Instant | undefined, seconds: number): boolean =>
      since !== undefined && addTo(since, seconds) <= now;
    const ending = retiring(status).filter((fact) => fact.promoted || fact.origin === "adopted");
    if (ending.length === 0) return;
    if (rotation.recipe !== "adopt" && !past(rotation.confirmedAt, policy.gracePeriod)) {
      throw new Error(`${step} before grace was over`);
    }
    if (step === "revoke" && plan.canDeactivate && rotation.deactivatedAt === undefined) {
      throw new Error("revoked without a deactivation that could be taken back");
    }
    if (rotation.proceed !== undefined) return;
    if (step === "revoke" && plan.canDeactivate) {
      if (!past(rotation.deactivatedAt, policy.soakPeriod)) {
        throw new Error("revoked before its soak was over");
      }
      const weak = rotation.silentSince === undefined || rotation.confirmedBy === "none";
      if (weak && !past(rotation.deactivatedAt, 2 * policy.soakPeriod)) {
        throw new Error("revoked without evidence and without a doubled soak");
      }
      return;
    }
    if (rotation.recipe === "adopt" && provider.eyes === "sampled") {
      if (rotation.silentSince === undefined) throw new Error("an idle one was deactivated without a look");
    } else if (provider.eyes === "sampled" || provider.eyes === "remembers") {
      if (!past(rotation.silentSince, policy.quietPeriod)) throw new Error(`${step} before quiet was over`);
    } else if (provider.eyes === "blind") {
      throw new Error(`${step} although nobody could see`);
    } else if (!plan.canDeactivate) {
      throw new Error("ended for good without any evidence");
    }
    this.#nobodyIsThere(ending, step);
  }

  #nobodyIsThere(ending: ReturnType<typeof retiring>, step: Step): void {
    const { provider } = this.#estate;
    if (provider.eyes !== "sampled" && provider.eyes !== "remembers") return;
    const sessions = this.#estate.sessions();
    for (const fact of ending) {
      const version = observedOf(fact, provider.observe());
      const secret = provider.slots.find(({ name }) => name === version?.slot)?.secret;
      if (secret !== undefined && sessions.has(secret)) throw new Error(`${step} of a version in use`);
    }
  }
}
