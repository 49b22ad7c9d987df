import type { VirtualTime } from "./virtual-time.ts";

/** What happened, line by line, for the reader of a broken story. Lines are only put into words when somebody reads them. */
export class Trace {
  readonly #time: VirtualTime;
  readonly #lines: { readonly at: string; readonly who: string; readonly what: () => string }[] = [];
  readonly #keep: number;

  /** Keeps the newest lines: all of them would fill the memory of a long hunt. */
  constructor(time: VirtualTime, keep: number) {
    this.#time = time;
    this.#keep = keep;
  }

  say(who: string, what: () => string): void {
    this.#lines.push({ at: this.#time.instant, who, what });
    if (this.#lines.length > 2 * this.#keep) this.#lines.splice(0, this.#lines.length - this.#keep);
  }

  get text(): string {
    return this.#lines
      .slice(-this.#keep)
      .map(({ at, who, what }) => `${at} ${who.padEnd(9)} ${what()}`)
      .join("\n");
  }
}
