/** Choices of the layout, one after the other, from the beginning again when they are used up. */
export class Choices {
  readonly #numbers: readonly number[];
  #at = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  pick<T>(all: readonly [T, ...T[]]): T {
    const number = this.#numbers[this.#at % this.#numbers.length] ?? 0;
    this.#at += 1;
    return all[number % all.length] ?? all[0];
  }

  once(n: number): boolean {
    return this.pick(Array.from({ length: n }, (_, at) => at) as [number, ...number[]]) === n - 1;
  }
}
