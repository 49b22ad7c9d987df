import { EffectError } from "../../../core/model/errors.ts";
import { inDoubt } from "../../clients/in-doubt.ts";
import { type Application, readApplication } from "./application.ts";
import type { Graph } from "./graph.ts";
import { placeOf } from "./site.ts";

/** One of Graph's servers may know what another one does not yet. */
const IN_A_ROW = 2;
/** Looks again after so many seconds each: some 25 seconds in all. */
const PAUSES = [0.3, 0.5, 1, 2, 3, 4, 6, 8] as const;

/**
 * Waits until what was done shows in Graph's own answers, which lag behind: twice in a row, as two servers may answer.
 * Resolves with the look that showed it. Rejects with an unknown EffectError when it does not show in time, or when
 * nobody may or can look: what was done is done, whatever becomes of the look at it.
 */
export async function untilVisible(
  graph: Graph,
  what: string,
  shows: (application: Application) => boolean,
  signal: AbortSignal,
): Promise<Application> {
  let inARow = 0;
  for (const seconds of [0, ...PAUSES]) {
    if (seconds > 0) await graph.site.ports.pause(seconds, signal);
    if (signal.aborted) break;
    const seen = await look(graph, signal);
    inARow = shows(seen) ? inARow + 1 : 0;
    if (inARow === IN_A_ROW) return seen;
  }
  throw new EffectError(
    "unknown",
    "not-visible-yet",
    `${placeOf(graph.site)} does not show yet that ${what}`,
    {
      fix: "nothing: the next run asks again",
    },
  );
}

async function look(graph: Graph, signal: AbortSignal): Promise<Application> {
  try {
    return await readApplication(graph, signal);
  } catch (error) {
    throw inDoubt(error);
  }
}
