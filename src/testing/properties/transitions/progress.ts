import { isOpen } from "../../../core/rotation/transition.ts";
import type { Found } from "./explore.ts";

type Places = ReadonlyMap<string, Found>;

/**
 * How many moves in a row the record can make without any effect, whatever every look answers. Rejects when there is
 * no end of them: such a circle would hang a run.
 */
export function longestFreeRun(places: Places): number {
  const keys = new Set(
    [...places.values()].flatMap(({ results }) => results.flatMap(({ free }) => free ?? [])),
  );
  return Math.max(0, ...[...keys].map((key) => longestWith(places, key)));
}

/** The same for one kind of situation, which stays as it is while the record moves. */
function longestWith(places: Places, situation: string): number {
  const length = new Map<string, number | "open">();
  const visit = (key: string): number => {
    const known = length.get(key);
    if (known === "open") throw new Error(`goes in a circle without an effect: ${key}`);
    if (known !== undefined) return known;
    length.set(key, "open");
    let longest = 0;
    for (const { to, free } of places.get(key)?.results ?? []) {
      if (free === situation && to !== undefined) longest = Math.max(longest, 1 + visit(to));
    }
    length.set(key, longest);
    return longest;
  };
  return Math.max(0, ...[...places.keys()].map(visit));
}

/** Places from which no event leads on to an end, nor to one of which a person is told. */
export function deadEnds(places: Places): readonly Found[] {
  const before = new Map<string, string[]>();
  for (const { key, results } of places.values()) {
    for (const { to } of results) {
      if (to === undefined) continue;
      const from = before.get(to);
      if (from === undefined) before.set(to, [key]);
      else from.push(key);
    }
  }
  const alive = new Set(
    [...places.values()].filter(({ place }) => !isOpen(place.status.rotation)).map(({ key }) => key),
  );
  const queue = [...alive];
  for (let at = 0; at < queue.length; at += 1) {
    for (const key of before.get(queue[at] ?? "") ?? []) {
      if (alive.has(key)) continue;
      alive.add(key);
      queue.push(key);
    }
  }
  return [...places.values()].filter(({ key }) => !alive.has(key));
}
