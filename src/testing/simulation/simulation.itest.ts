import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pLimit from "p-limit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeProofTable } from "../proof/proof-table.ts";
import { BREAKAGES } from "./breakages.ts";
import { buildSimulation, simulatedBy } from "./child.ts";
import { tell } from "./story.ts";

/** Far apart, so that no story is told twice. */
const SEEDS = [1, 1_000_001, 2_000_001, 6_000_001];
const SAGAS_FOR_EACH = 5000;
/** A mistake must be noticed within so many. */
const SAGAS_FOR_A_MISTAKE = 1000;
/** Other files have the other processors meanwhile. */
const AT_ONCE = 1;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cre-simulation-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the same seed tells the same story", async () => {
  const [once, again, other] = [await tell(7), await tell(7), await tell(8)];
  expect(again).toEqual(once);
  expect(other.trace).not.toBe(once.trace);
});

test("whatever goes wrong, no law of the engine is broken", { timeout: 1_500_000 }, async () => {
  const script = await buildSimulation(join(folder, "whole"));
  const limit = pLimit(AT_ONCE);
  const parts = await Promise.all(
    SEEDS.map((seed) => limit(() => simulatedBy(script, { sagas: SAGAS_FOR_EACH, seed }))),
  );
  expect(parts.flatMap(({ breach, text }) => (breach === undefined ? [] : [text]))).toEqual([]);
  const troubles = new Map<string, number>();
  for (const [what, times] of parts.flatMap((part) => Object.entries(part.troubles))) {
    troubles.set(what, (troubles.get(what) ?? 0) + times);
  }
  const sagas = parts.reduce((sum, part) => sum + part.sagas, 0);
  expect(sagas).toBeGreaterThanOrEqual(SEEDS.length * SAGAS_FOR_EACH);
  const stories = parts.reduce((sum, part) => sum + part.stories, 0);
  writeProofTable({
    name: "simulation",
    title: "Simulated sagas",
    summary: `${sagas} sagas in ${stories} stories, from the seeds ${SEEDS.join(", ")} on: no law was broken. What went wrong in them, and what people did meanwhile:`,
    head: ["what", "times"],
    rows: [...troubles].toSorted(([a], [b]) => (a < b ? -1 : 1)),
  });
});

test("every deliberate mistake in the engine is noticed", { timeout: 1_500_000 }, async () => {
  const limit = pLimit(AT_ONCE);
  const found = await Promise.all(
    BREAKAGES.map((breakage, number) =>
      limit(async () => {
        const script = await buildSimulation(join(folder, `mistake-${number}`), breakage);
        return simulatedBy(script, { sagas: SAGAS_FOR_A_MISTAKE, seed: breakage.from ?? 1 });
      }),
    ),
  );
  const missed = BREAKAGES.filter((_, number) => found[number]?.breach === undefined);
  writeProofTable({
    name: "breakages",
    title: "Deliberate mistakes",
    summary: `${BREAKAGES.length} deliberate mistakes in the engine, ${BREAKAGES.length - missed.length} of them noticed within ${SAGAS_FOR_A_MISTAKE} sagas.`,
    head: ["the broken engine", "file", "noticed after sagas", "seed", "broken law"],
    rows: BREAKAGES.map(({ name, file }, number) => {
      const { sagas = 0, breach } = found[number] ?? {};
      return [name, file, breach === undefined ? "never" : sagas, breach?.seed ?? "", lawOf(breach?.law)];
    }),
  });
  expect(missed.map(({ name }) => name)).toEqual([]);
});

/** Without the facts of the record, which nobody reads in a table. */
function lawOf(law = ""): string {
  return law.replace(/ (undefined )?\{.*/, "").slice(0, 120);
}
