import { type Ending, tell } from "./story.ts";

export interface Simulated {
  readonly stories: number;
  readonly sagas: number;
  /** The first story in which a law was broken. */
  readonly breach: Ending | undefined;
  /** What to show people: the totals, or the broken law with what led to it and how to see it again. */
  readonly text: string;
}

/** Tells stories, one seed after another, until so many sagas are told or a law is broken. */
export async function simulate(
  { sagas, seed }: { readonly sagas: number; readonly seed: number },
  progress: (so: { readonly stories: number; readonly sagas: number }) => void = () => undefined,
): Promise<Simulated> {
  let [stories, told] = [0, 0];
  while (told < sagas) {
    const ending = await tell(seed + stories);
    stories += 1;
    told += ending.sagas;
    if (ending.breach !== undefined) return { stories, sagas: told, breach: ending, text: textOf(ending) };
    if (stories % 200 === 0) progress({ stories, sagas: told });
  }
  const text = `${told} sagas in ${stories} stories (seeds ${seed} to ${seed + stories - 1}): no law was broken`;
  return { stories, sagas: told, breach: undefined, text };
}

function textOf({ seed, trace, breach }: Ending): string {
  return `${trace}\n\nBroken in the story of seed ${seed}: ${breach}\nThe whole story: npm run simulate -- --seed ${seed} --trace`;
}
