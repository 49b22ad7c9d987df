import { happenings } from "./events.ts";
import { beginnings, type Place, type Surroundings, signature } from "./place.ts";
import type { Result } from "./result.ts";

/** What came of an event, with the key of the place it leads to, if it leads anywhere. */
export type Reached = Result & { readonly to: string | undefined };

/** A place that can be reached, with everything that can happen there. */
export interface Found {
  readonly key: string;
  readonly place: Place;
  readonly results: readonly Reached[];
  readonly way: Way;
}

/** How one gets to a place: the last event, and what was before it. */
interface Way {
  readonly event: string;
  readonly before?: Way;
}

const MOST_PLACES = 200_000;

/** Every place that a rotation in these surroundings can come to, each once. Rejects with the way to what throws. */
export function explore(around: Surroundings): ReadonlyMap<string, Found> {
  const found = new Map<string, Found>();
  const seen = new Set<string>();
  const begin = { event: `${around.recipe} ${JSON.stringify(around.shape)} ${around.able} ${around.order}` };
  const queue: { key: string; place: Place; way: Way }[] = [];
  const reach = (key: string, place: Place, way: Way): void => {
    if (seen.has(key)) return;
    seen.add(key);
    queue.push({ key, place, way });
  };
  for (const place of beginnings(around)) reach(signature(place), place, begin);
  for (const { key, place, way } of queue) {
    if (found.size > MOST_PLACES) throw new Error("there is no end of places");
    const results = resultsAt(place, around, way);
    found.set(key, { key, place, results, way });
    for (const { next, to, event, word } of results) {
      if (next !== undefined && to !== undefined) {
        reach(to, next, { event: `${event}: ${word}`, before: way });
      }
    }
  }
  return found;
}

function resultsAt(place: Place, around: Surroundings, way: Way): readonly Reached[] {
  try {
    return happenings(place, around).map((result) =>
      Object.assign(result, { to: result.next === undefined ? undefined : signature(result.next) }),
    );
  } catch (error) {
    throw new Error(`${String(error)}\n${told({ way, place })}`, { cause: error });
  }
}

/** For the reader of a broken rule: what happened up to there, and the record. */
export function told({ way, place: { status } }: Pick<Found, "way" | "place">): string {
  const events: string[] = [];
  for (let at: Way | undefined = way; at !== undefined; at = at.before) events.unshift(at.event);
  const { pinned: _, ...rotation } = status.rotation ?? { pinned: undefined };
  return [...events, JSON.stringify({ ...status, rotation }, undefined, 1)].join("\n");
}
