/** Something that has to end within so many weeks from now; 1 is the first week. */
export interface Bounded {
  readonly lastWeek: number;
}

/**
 * Puts everything into weeks, in its order, at most `perWeek` into each and nothing beyond its own last week; what
 * comes first ends first. Without `perWeek` it is spread over all `weeks` as evenly as the bounds let it, with it over
 * as few as it takes. Undefined when so few in a week cannot be done.
 */
export function spreadOverWeeks<T extends Bounded>(
  items: readonly T[],
  weeks: number,
  perWeek?: number,
): readonly (readonly T[])[] | undefined {
  const size = perWeek ?? fewestPerWeek(items, weeks);
  const needed = perWeek === undefined ? weeks : Math.min(weeks, Math.ceil(items.length / size));
  const plan: T[][] = [];
  // From the last week back, so that those that come first are left for the first weeks.
  let left = items;
  for (let week = needed; week >= 1; week -= 1) {
    const fitting = left.filter(({ lastWeek }) => Math.min(lastWeek, needed) >= week);
    // So many end in the weeks before: those that must, and their share.
    const earlier = Math.max(left.length - fitting.length, Math.floor((items.length * (week - 1)) / needed));
    const count = Math.min(size, Math.max(left.length - earlier, 0));
    const taken = new Set(fitting.slice(fitting.length - count));
    plan.unshift([...taken]);
    left = left.filter((item) => !taken.has(item));
  }
  return left.length === 0 ? plan : undefined;
}

/** The smallest number in a week with which everything ends in time. */
export function fewestPerWeek(items: readonly Bounded[], weeks: number): number {
  const ending = new Map<number, number>();
  for (const { lastWeek } of items) {
    const week = Math.min(lastWeek, weeks);
    ending.set(week, (ending.get(week) ?? 0) + 1);
  }
  let sum = 0;
  let fewest = 1;
  for (const [week, count] of [...ending].toSorted(([a], [b]) => a - b)) {
    sum += count;
    fewest = Math.max(fewest, Math.ceil(sum / week));
  }
  return fewest;
}
