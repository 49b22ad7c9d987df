import { setTimeout } from "node:timers/promises";
import type { TargetsTenant } from "./targets-tenant.ts";

/** Between two credentials, in milliseconds: a whole wave is no more work than one credential. */
const PAUSE = 100;

/** The applications of one credential after the other sign in, again and again. `stop` may be called twice. */
export function startRounds(tenants: readonly TargetsTenant[]): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const rounds = (async () => {
    while (!stopped.signal.aborted) {
      for (const tenant of tenants) {
        if (stopped.signal.aborted) break;
        await tenant.sample();
        await setTimeout(PAUSE, undefined, { signal: stopped.signal }).catch(() => undefined);
      }
    }
  })();
  return {
    stop: async () => {
      stopped.abort();
      await rounds;
    },
  };
}
