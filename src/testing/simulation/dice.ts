/** Reproducible randomness: the same seed throws the same numbers, on every machine (splitmix32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to below `n`. */
  int(n: number): number {
    return Math.floor((this.#next() / 0x1_0000_0000) * n);
  }

  /** One of the options, each as likely as the others: name one twice to make it likelier. */
  pick<T>(options: readonly [T, ...T[]]): T {
    return options[this.int(options.length)] ?? options[0];
  }

  /** True about once in `n` throws. */
  once(n: number): boolean {
    return this.int(n) === 0;
  }

  /** Dice of their own, so that more throws in one place change nothing in another. */
  fork(): Dice {
    return new Dice(this.#next());
  }

  #next(): number {
    this.#state = (this.#state + 0x9e37_79b9) | 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0_aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a_2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }
}
