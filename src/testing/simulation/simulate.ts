import { type Ending, tell } from "./story.ts";

export interface Simulated {
  readonly stories: number;
  readonly sagas: number;
  /** How often what went wrong, and what people did, in all stories. */
  readonly troubles: Readonly<Record<string, number>>;
  /** The first story in which a law was broken. */
  readonly breach: { readonly seed: number; readonly law: string } | undefined;
  /** What to show people: the totals, or the broken law with what led to it and how to see it again. */
  readonly text: string;
}

/** Tells stories, one seed after another, until so many sagas are told or a law is broken. */
export async function simulate(
  { sagas, seed }: { readonly sagas: number; readonly seed: number },
  progress: (so: { readonly stories: number; readonly sagas: number }) => void = () => undefined,
): Promise<Simulated> {
  let [stories, told] = [0, 0];
  const sum = new Map<string, number>();
  while (told < sagas) {
    const ending = await tell(seed + stories);
    stories += 1;
    told += ending.sagas;
    for (const [what, times] of ending.troubles) sum.set(what, (sum.get(what) ?? 0) + times);
    if (ending.breach !== undefined) {
      const breach = { seed: ending.seed, law: ending.breach };
      return { stories, sagas: told, troubles: Object.fromEntries(sum), breach, text: textOf(ending) };
    }
    if (stories % 200 === 0) progress({ stories, sagas: told });
  }
  const text = `${told} sagas in ${stories} stories (seeds ${seed} to ${seed + stories - 1}): no law was broken`;
  return { stories, sagas: told, troubles: Object.fromEntries(sum), breach: undefined, text };
}

function textOf({ seed, trace, breach }: Ending): string {
  return `${trace}\n\nBroken in the story of seed ${seed}: ${breach}\nThe whole story: npm run simulate -- --seed ${seed} --trace`;
}
