/**
 * Choices read from a tape of numbers. After its end every choice is the first one, which the model keeps harmless: so
 * every tape ends in calm, and a shorter tape is a simpler story.
 */
export class Tape {
  readonly #numbers: readonly number[];
  #next = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  get calm(): boolean {
    return this.#next >= this.#numbers.length;
  }

  /** One of the options; the first one when the tape is at its end. */
  pick<T>(options: readonly [T, ...T[]]): T {
    const number = this.#numbers[this.#next];
    this.#next += 1;
    return options[(number ?? 0) % options.length] ?? options[0];
  }

  /** True about once in `n` choices, never after the end. */
  once(n: number): boolean {
    const number = this.#numbers[this.#next];
    this.#next += 1;
    return number !== undefined && number % n === n - 1;
  }
}
