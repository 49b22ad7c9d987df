import type { Bidi } from "bidi-js";

/** Letters that are read from right to left: Hebrew, Arabic, Syriac, Thaana, N'Ko and what is near them. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Some letters in one direction. */
export interface Run {
  readonly text: string;
  readonly isRightToLeft: boolean;
}

export function hasRightToLeft(text: string): boolean {
  return RIGHT_TO_LEFT.test(text);
}

/**
 * The runs of a line in the order in which they are seen, from left to right (Unicode Standard Annex 9); letters within
 * a run are in the order in which they are read, and brackets of a run from right to left are turned.
 */
export function visualRuns(bidi: Bidi, line: string): readonly Run[] {
  const { levels } = bidi.getEmbeddingLevels(line);
  const runs: { text: string; level: number }[] = [];
  for (let at = 0; at < line.length; at += 1) {
    const level = levels[at] ?? 0;
    const character = level % 2 === 1 ? (bidi.getMirroredCharacter(line[at] ?? "") ?? line[at]) : line[at];
    const last = runs.at(-1);
    if (last?.level === level) last.text += character ?? "";
    else runs.push({ text: character ?? "", level });
  }
  return reordered(runs).map(({ text, level }) => ({ text, isRightToLeft: level % 2 === 1 }));
}

/** Rule L2: from the highest level down to the lowest odd one, what stands at that level or above is reversed. */
function reordered<T extends { readonly level: number }>(runs: readonly T[]): readonly T[] {
  let order = [...runs];
  const levels = runs.map(({ level }) => level);
  for (let level = Math.max(0, ...levels); level > 0; level -= 1) {
    order = reversedFrom(order, level);
  }
  return order;
}

function reversedFrom<T extends { readonly level: number }>(runs: readonly T[], level: number): T[] {
  const result: T[] = [];
  let group: T[] = [];
  for (const run of runs) {
    if (run.level >= level) {
      group.unshift(run);
      continue;
    }
    result.push(...group, run);
    group = [];
  }
  return [...result, ...group];
}
