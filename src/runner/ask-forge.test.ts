import { expect, it } from "vitest";
import { EffectError } from "../core/model/errors.ts";
import { addTo } from "../core/model/instant.ts";
import type { Forge } from "../core/ports/forge.ts";
import { inTurn, type Question } from "../core/reviews/question.ts";
import type { ReviewFact } from "../core/state/review-book.ts";
import { at } from "../testing/evaluation/world.ts";
import { askForge } from "./ask-forge.ts";
import type { World } from "./world.ts";

const NOW = at("2026-03-10");
const { signal } = new AbortController();

const questions = (count: number, isNew = true): readonly Question[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `q${index}`,
    document: `Exception e${index}`,
    part: { kind: "Exception", name: `e${index}`, file: "exceptions/e.yaml", fields: [["spec"]] },
    declared: {},
    isNew,
  }));

/** Asks about these with a forge that fails for some commits; how often it was asked, what it said, what people are told. */
async function ask(asked: readonly Question[], fails: (commit: string) => boolean) {
  let calls = 0;
  const forge: Pick<Forge, "changeOf"> = {
    changeOf: async (commit) => {
      calls += 1;
      if (fails(commit)) throw new EffectError("refused", "too-large", `${commit} is too large to be read`);
      return undefined;
    },
  };
  const store = {
    originsOf: async (parts: readonly Question["part"][]) =>
      parts.map(({ name, file }) => ({ commit: `of-${name}`, name, file, blob: "b", said: "s" })),
  };
  // `as`: the parts that asking needs.
  const world = {
    inputs: { commit: "c1" },
    ports: { store, clock: { now: () => NOW }, timeLimit: () => signal },
  } as unknown as World;
  const people = {
    forge: async () => forge as Forge,
    channel: async () => Promise.reject(new Error("none")),
    close: async () => undefined,
  };
  const answers = new Map<string, ReviewFact>();
  const lines = await askForge(asked, answers, world, people, signal);
  return { calls, answered: [...answers.keys()], told: lines.map(({ text }) => text) };
}

it("one question that the forge cannot answer keeps nobody else from being asked about", async () => {
  const { answered, told } = await ask(questions(5), (commit) => commit === "of-e1");
  expect(answered).toEqual(["q0", "q2", "q3", "q4"]);
  expect(told).toEqual([
    expect.stringMatching(
      /^nobody can say yet who approved Exception e1, which waits .*: of-e1 is too large/,
    ),
  ]);
});

it("a forge that fails again and again is left alone", async () => {
  expect(await ask(questions(200), () => true)).toMatchObject({ calls: 3, answered: [] });
});

it("what is new is asked about before what nobody has approved so far, and of that each comes first at some time", () => {
  const fresh = questions(201).slice(200);
  const first = new Set<string>();
  for (let run = 0; run < 1500; run += 1) {
    const order = inTurn([...questions(200, false), ...fresh], addTo(NOW, run * 21_600)).map(({ id }) => id);
    expect(new Set(order).size).toBe(201);
    expect(order[0]).toBe("q200");
    first.add(order[1] ?? "");
  }
  expect(first.size).toBe(200);
});
