import type { Pause } from "../../../../core/ports/runtime.ts";
import type { Visibility } from "./way.ts";

/** Seconds between two looks at whether a record has spread, and all together: what is left of an effect's time. */
const EVERY = 5;
const PATIENCE = 35;

/** Asks again until it is visible, as long as there is time in this effect; then the next attempt goes on. */
export async function settledVisibility(
  ask: () => Promise<Visibility>,
  pause: Pause,
  signal: AbortSignal,
): Promise<Visibility> {
  for (let waited = 0; ; waited += EVERY) {
    const seen = await ask();
    if (seen === "visible" || waited + EVERY > PATIENCE) return seen;
    await pause(EVERY, signal);
    if (signal.aborted) return seen;
  }
}
