import { Compile } from "typebox/compile";
import { expect, test } from "vitest";
import { writeProofTable } from "../../testing/proof/proof-table.ts";
import { explore, type Found, told } from "../../testing/properties/transitions/explore.ts";
import { brokenPromise, contradiction, forbiddenEffect } from "../../testing/properties/transitions/legal.ts";
import { allSurroundings, type Surroundings } from "../../testing/properties/transitions/place.ts";
import { deadEnds, longestFreeRun } from "../../testing/properties/transitions/progress.ts";
import { EVENTS } from "../../testing/properties/transitions/result.ts";
import { Status } from "../state/status.ts";

/**
 * Every state that a rotation can come to, found by trying every event in every state: each result is defined, fits
 * the schema of the record, and breaks no rule. Where the engine throws, so does `explore`, with the way that led there.
 */

const validator = Compile(Status);
/** More moves in a row than this and the runner takes it for a circle. */
const MOST_MOVES = 60;

function wrongAt(found: Found, around: Surroundings): readonly string[] {
  const { place, results } = found;
  const { status } = place;
  const [fault] = validator.Check(status) ? [] : validator.Errors(status);
  const wrong = [
    fault === undefined ? undefined : `no record: ${fault.instancePath} ${fault.message}`,
    contradiction(status, around),
    ...results.map((result) => {
      const rule = result.next === undefined ? undefined : brokenPromise(status, result.next.status);
      const broken = rule ?? forbiddenEffect(place, result);
      return broken === undefined ? undefined : `${broken} (${result.event}: ${result.word})`;
    }),
  ];
  return wrong.flatMap((rule) => (rule === undefined ? [] : [`${rule}\n${told(found)}`]));
}

/** Words of all results of one event in states that read alike. */
type Words = Map<string, Set<string>>;

function rowOf({ rotation }: Status): readonly [recipe: string, state: string] {
  if (rotation === undefined) return ["none", "none"];
  const { recipe, step, phase, outcome, emergency } = rotation;
  if (outcome !== "open" && outcome !== "parked") return [recipe, outcome];
  const state = outcome === "parked" ? `${step} parked` : `${step} ${phase}`;
  return [`${recipe}${emergency ? ", emergency" : ""}`, state];
}

test("every state times every event is defined, legal, and leads on", { timeout: 120_000 }, () => {
  const rows = new Map<string, { readonly names: readonly string[]; readonly words: Words }>();
  const counts = { states: 0, results: 0, longest: 0 };
  for (const around of allSurroundings()) {
    const places = explore(around);
    const wrong = [...places.values()].flatMap((found) => wrongAt(found, around));
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(deadEnds(places).map(told)).toEqual([]);
    counts.longest = Math.max(counts.longest, longestFreeRun(places));
    counts.states += places.size;
    for (const { place, results } of places.values()) {
      counts.results += results.length;
      const names = rowOf(place.status);
      const key = names.join(" ");
      const { words } = rows.get(key) ?? { words: new Map<string, Set<string>>() };
      rows.set(key, { names, words });
      for (const { event, word } of results) words.set(event, (words.get(event) ?? new Set()).add(word));
    }
  }
  expect(counts.longest).toBeLessThan(MOST_MOVES);
  expect(counts.states).toBeGreaterThan(10_000);

  const cells = (words: Words): string[] =>
    EVENTS.map((event) => [...(words.get(event) ?? ["-"])].toSorted().join("; "));
  writeProofTable({
    name: "transition-table",
    title: "Every state of a rotation times every event",
    summary:
      `${counts.states} states that can be reached, ${counts.results} results of events in them: each fits the ` +
      `schema of the record and breaks no rule; at most ${counts.longest} moves follow each other without an effect, ` +
      "and from every state events lead to an end.",
    head: ["Recipe", "State", ...EVENTS],
    rows: [...rows.keys()].toSorted().flatMap((key) => {
      const row = rows.get(key);
      return row === undefined ? [] : [row.names.concat(cells(row.words))];
    }),
  });
});
