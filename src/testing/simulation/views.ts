import type { ObservedVersion } from "../../core/ports/rotator.ts";
import type { Dice } from "./dice.ts";
import type { Provider } from "./provider.ts";

/**
 * What an eventually consistent provider shows: the truth of some seconds ago. Whoever wrote something sees at least
 * that, which is what an adapter has to wait for; others may see less.
 */
export class Views {
  readonly #provider: Provider;
  readonly #lag: number;
  readonly #dice: Dice;
  readonly #past: { readonly at: number; readonly versions: readonly ObservedVersion[] }[] = [];
  readonly #written = new Map<string, number>();

  constructor(provider: Provider, lag: number, dice: Dice) {
    this.#provider = provider;
    this.#lag = lag;
    this.#dice = dice;
  }

  /** Something was changed at the provider by this writer, or by nobody of ours. */
  wrote(writer: string | undefined, now: number): void {
    if (this.#lag === 0) return;
    if (writer !== undefined) this.#written.set(writer, now);
    this.#past.push({ at: now, versions: this.#provider.observe() });
    while (this.#past.length > 1 && (this.#past[1]?.at ?? now) < now - this.#lag) this.#past.shift();
  }

  observe(reader: string, now: number): readonly ObservedVersion[] {
    if (this.#lag === 0 || !this.#dice.once(2)) return this.#provider.observe();
    const since = Math.max(now - this.#dice.int(this.#lag), this.#written.get(reader) ?? 0);
    return this.#past.findLast(({ at }) => at <= since)?.versions ?? this.#provider.observe();
  }
}
