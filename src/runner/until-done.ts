import { EffectError } from "../core/model/errors.ts";

/** What is not done by then is waited for in a later run; also where the clock of a run stands still. */
const MOST_CALLS = 6;

/**
 * Calls again while the target is still at it (pods are being replaced) and `mayCallAgain`. Each call keeps the limit of
 * an effect, and is the same effect. Rejects with the last failure.
 */
export async function untilDone<T>(call: () => Promise<T>, mayCallAgain: () => boolean): Promise<T> {
  for (let calls = 1; ; calls += 1) {
    try {
      return await call();
    } catch (error) {
      const isUnderWay = error instanceof EffectError && error.underWay;
      if (!isUnderWay || calls === MOST_CALLS || !mayCallAgain()) throw error;
    }
  }
}
