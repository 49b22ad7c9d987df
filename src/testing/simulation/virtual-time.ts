import { type Instant, instantOf } from "../../core/model/instant.ts";

interface Happening {
  readonly at: number;
  /** Breaks ties: what was planned first happens first. */
  readonly order: number;
  readonly act: () => void;
}

/**
 * The only clock of a simulation. Everything that takes time is planned here; between two happenings all code that
 * waits for promises runs until it waits again, so that a simulation is one deterministic sequence.
 */
export class VirtualTime {
  /** Seconds since 1970. */
  #now: number;
  #order = 0;
  #happened = 0;
  /** A heap: the next happening is the first. */
  readonly #heap: Happening[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  get now(): number {
    return this.#now;
  }

  get instant(): Instant {
    return instantOf(this.#now);
  }

  /** Plans something for `seconds` from now. */
  after(seconds: number, act: () => void): void {
    this.#order += 1;
    this.#heap.push({ at: this.#now + seconds, order: this.#order, act });
    this.#up(this.#heap.length - 1);
  }

  /** How much has happened so far. */
  get happened(): number {
    return this.#happened;
  }

  /** Lets everything happen that is planned up to then, in order, and stops there. */
  async runUntil(until: number, most = Number.POSITIVE_INFINITY): Promise<void> {
    await settled();
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      this.#take();
      this.#happened += 1;
      if (this.#happened > most) return;
      this.#now = next.at;
      next.act();
      await settled();
    }
    this.#now = Math.max(this.#now, until);
  }

  #take(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#down(0);
  }

  #up(start: number): void {
    for (let index = start; index > 0; ) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #down(start: number): void {
    for (let index = start; ; ) {
      let first = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < this.#heap.length && this.#isBefore(child, first)) first = child;
      }
      if (first === index) return;
      this.#swap(index, first);
      index = first;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return false;
    return one.at < other.at || (one.at === other.at && one.order < other.order);
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return;
    this.#heap[a] = other;
    this.#heap[b] = one;
  }
}

/** Resolves when all code that waits for resolved promises has gone as far as it can. */
async function settled(): Promise<void> {
  await new Promise<void>((done) => void setImmediate(done));
}
