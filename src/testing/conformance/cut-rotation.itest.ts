import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeProofTable } from "../proof/proof-table.ts";
import { startPostgres, type TestPostgres } from "../services/postgresql.ts";
import {
  CUT_HOURS,
  type CutOutcome,
  type CutTally,
  cutAll,
  cutsAt,
  discoverRequests,
} from "./cut-rotation.ts";
import { DELIVERY_EFFECTS, ROTATOR_EFFECTS } from "./failpoints.ts";

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres({ settings: { log_statement: "ddl", max_connections: "300" } });
});
afterAll(async () => postgres?.stop());

const EFFECTS: readonly string[] = [...ROTATOR_EFFECTS, ...DELIVERY_EFFECTS];
/** Each consumer logs in after every run, and this often besides. */
const SAMPLE_MILLISECONDS = 10_000;

const told: { readonly recipe: string; readonly requests: number; readonly tally: CutTally }[] = [];
afterAll(() => {
  const sum = (of: (one: (typeof told)[number]) => number): number =>
    told.reduce((total, one) => total + of(one), 0);
  writeProofTable({
    name: "cuts-postgresql",
    title: "Connections cut before a request, after it, and in the middle of its answer",
    summary:
      `${sum(({ tally }) => tally.outcomes.length)} cuts at ${sum(({ requests }) => requests)} requests of two recipes, ` +
      `in ${sum(({ tally }) => tally.rotations)} rotations (PostgreSQL 18, superuser), ` +
      `${sum(({ tally }) => tally.logins)} sampled logins, ${sum(({ tally }) => tally.failures)} of them failed. ` +
      "Every request of an effect is cut in all three ways, those of questions by turns; each rotation is cut once in " +
      "each of its scheduled runs.",
    head: ["recipe", "scheduled run", "call", "way", "requests", "cuts", "the record took it for", "outcome"],
    rows: told.flatMap(({ recipe, tally }) => rowsOf(recipe, tally.outcomes)),
  });
});

describe.each(["two roles", "one role"] as const)("a rotation with %s", (slots) => {
  test("whose connections are cut anywhere loses no secret, locks nobody out, and touches nothing foreign", {
    timeout: 900_000,
  }, async () => {
    const plan = { postgres, slots, sampleEvery: SAMPLE_MILLISECONDS };
    const requests = await discoverRequests(plan);
    const calls = new Set(requests.map(({ call }) => call));
    const own = slots === "one role" ? ["apply"] : ["issue", "deactivate", "revoke"];
    const all = ["preflight", "observe", "inUse", "adopt", "verify", "stage", "promote", "holds", ...own];
    expect([...calls].toSorted()).toEqual(all.toSorted());
    expect(new Set(requests.map(({ way }) => way))).toEqual(new Set(["admin", "path", "webhook"]));

    const tally = await cutAll(plan, cutsAt(requests, EFFECTS));
    told.push({ recipe: slots, requests: requests.length, tally });
    expect(tally.outcomes.filter(({ problems }) => problems.length > 0)).toEqual([]);
    // An effect whose COMMIT or whose answer was lost is in doubt, and the record says so.
    const doubts = tally.outcomes.filter(({ taken }) => taken === "commit-unknown");
    expect(doubts.every(({ at }) => EFFECTS.includes(at.call))).toBe(true);
    expect(doubts.length).toBeGreaterThan(2);
    expect(tally.logins).toBeGreaterThan(tally.rotations * 8);
  });
});

/** One row for each call of each scheduled run on each of its ways. */
function rowsOf(recipe: string, outcomes: readonly CutOutcome[]): (string | number)[][] {
  const groups = Map.groupBy(outcomes, ({ at }) => JSON.stringify([at.run, at.call, at.way]));
  return [...groups.values()]
    .toSorted(
      ([a], [b]) => (a?.at.run ?? 0) - (b?.at.run ?? 0) || (a?.at.request ?? 0) - (b?.at.request ?? 0),
    )
    .map((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const taken = Map.groupBy(group, (one) => one.taken ?? "made good at once");
      const problems = new Set(group.flatMap((one) => one.problems));
      return [
        recipe,
        `hour ${CUT_HOURS[first.at.run]}`,
        first.at.call,
        first.at.way,
        new Set(group.map(({ at }) => at.request)).size,
        group.length,
        [...taken].map(([code, ones]) => `${code} ${ones.length}`).join(", "),
        problems.size === 0 ? "rotated" : [...problems].join("; "),
      ];
    });
}
