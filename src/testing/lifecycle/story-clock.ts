import { writeFile } from "node:fs/promises";
import { type Instant, instantOf } from "../../core/model/instant.ts";

/**
 * The time of the story: the machine's clock, moved. Runs, services and the application have the same. It only ever
 * goes forward from now, because what a real CA signs is valid from the machine's now on.
 */
export interface StoryClock {
  /** The file that says how many seconds the story is ahead; services that keep a time of their own read it. */
  readonly file: string;
  /** Seconds ahead of the machine's clock. */
  readonly ahead: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly instant: () => Instant;
  readonly move: (ahead: number) => Promise<void>;
}

export async function openStoryClock(file: string): Promise<StoryClock> {
  const clock = {
    file,
    ahead: 0,
    now: (): number => Date.now() + clock.ahead * 1000,
    instant: (): Instant => instantOf(clock.now() / 1000),
    move: async (ahead: number): Promise<void> => {
      await writeFile(file, `${ahead}\n`);
      clock.ahead = ahead;
    },
  };
  await clock.move(0);
  return clock;
}
