import type { Dice } from "./dice.ts";

/** What a process asks of the world: a read changes nothing, an effect does, a push is an effect on the state branch. */
export type CallKind = "read" | "effect" | "push";

/** What becomes of one call. */
export type Fate =
  | "ok"
  /** Definitely not done, and the caller is told so. */
  | "refused"
  /** It never arrives; its caller hears nothing until it gives up. */
  | "dropped"
  /** It is done, and the answer is lost. */
  | "lost"
  /** It arrives twice. */
  | "twice"
  /** It takes long. */
  | "late"
  /** Its caller is stopped for hours while it waits, longer than any lease. */
  | "paused"
  /** Its caller is asked to stop (SIGINT). */
  | "interrupted"
  /** Its caller is killed before it arrives, after it was done, or while it is on its way and still arrives. */
  | "dies-before"
  | "dies-after"
  | "dies-in-flight";

const TROUBLE: Readonly<Record<CallKind, readonly [Fate, ...Fate[]]>> = {
  read: ["refused", "dropped", "late", "paused", "interrupted", "dies-before"],
  effect: [
    "refused",
    "dropped",
    "lost",
    "lost",
    "twice",
    "late",
    "paused",
    "interrupted",
    "dies-before",
    "dies-after",
    "dies-after",
    "dies-in-flight",
  ],
  push: [
    "refused",
    "dropped",
    "lost",
    "late",
    "paused",
    "interrupted",
    "dies-before",
    "dies-after",
    "dies-after",
    "dies-in-flight",
  ],
};

/** How bad the times are. */
export class Weather {
  readonly #dice: Dice;
  /** One call in so many goes wrong. */
  readonly #rates: Readonly<Record<CallKind, number>>;
  calm = false;
  /** How often each trouble was made, by kind of call. */
  readonly made = new Map<string, number>();

  constructor(dice: Dice) {
    this.#dice = dice;
    const effect = dice.pick([4, 8, 8, 16, 40]);
    this.#rates = { effect, push: effect * 2, read: effect * 8 };
  }

  fate(kind: CallKind): Fate {
    if (this.calm || !this.#dice.once(this.#rates[kind])) return "ok";
    const fate = this.#dice.pick(TROUBLE[kind]);
    const what = `${kind}: ${fate}`;
    this.made.set(what, (this.made.get(what) ?? 0) + 1);
    return fate;
  }
}
