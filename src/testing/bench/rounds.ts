/** Ratios of alternating rounds: the peer's time over ours, so that more is better. */
export interface Comparison {
  readonly id: string;
  readonly goal: number;
  readonly stretch: number;
  /** Milliseconds of each round, in order. */
  readonly ours: readonly number[];
  readonly peer: readonly number[];
  /** Of each round's ratio. */
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  /** What had to be right beside the time; empty: all of it was. */
  readonly wrong: readonly string[];
}

/** Runs ours and the peer one after the other, so that both meet the same machine; gives milliseconds of each. */
export async function alternate(
  rounds: number,
  ours: () => Promise<void>,
  peer: () => Promise<void>,
): Promise<{ readonly ours: readonly number[]; readonly peer: readonly number[] }> {
  const times: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
  for (let round = 0; round < rounds; round += 1) {
    times.ours.push(await timeOf(ours));
    times.peer.push(await timeOf(peer));
  }
  return times;
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export function compare(
  goal: Pick<Comparison, "id" | "goal" | "stretch">,
  { ours, peer }: Pick<Comparison, "ours" | "peer">,
  wrong: readonly string[],
): Comparison {
  const ratios = ours.map((time, round) => (peer[round] ?? 0) / time).toSorted((a, b) => a - b);
  return {
    ...goal,
    ours: ours.map(Math.round),
    peer: peer.map(Math.round),
    median: rounded(ratios[Math.floor(ratios.length / 2)] ?? 0),
    lowest: rounded(ratios[0] ?? 0),
    highest: rounded(ratios.at(-1) ?? 0),
    wrong,
  };
}

function rounded(ratio: number): number {
  return Math.round(ratio * 10) / 10;
}

/** For people, on two lines. */
export function comparisonText({
  id,
  goal,
  stretch,
  ours,
  peer,
  median,
  lowest,
  highest,
  wrong,
}: Comparison): string {
  const verdict =
    wrong.length > 0 ? "WRONG" : median >= stretch ? "stretch" : median >= goal ? "pass" : "MISSED";
  const faults =
    wrong.length === 0 ? "" : `\n  wrong: ${wrong.slice(0, 5).join("; ")} (${wrong.length} in all)`;
  return `${id}: ${median} times as fast (${lowest} to ${highest}); goal ${goal}, stretch ${stretch}: ${verdict}
  ours ${ours.join(", ")} ms; peer ${peer.join(", ")} ms${faults}\n`;
}
