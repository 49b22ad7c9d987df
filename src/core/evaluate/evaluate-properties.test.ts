import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluated, nameOf, type World, worlds } from "../../testing/evaluation/any-world.ts";
import { at, evaluateAt, hold, settings } from "../../testing/evaluation/world.ts";
import { addTo } from "../model/instant.ts";
import type { EvaluatedCredential, EvaluationResult } from "./evaluation.ts";
import { evaluationReport } from "./evaluation-report.ts";
import { type Finding, LEVELS } from "./finding.ts";

/** What is the same whatever exceptions, holds and limits say. */
function unmoved(result: EvaluationResult) {
  return [...result.credentials.values()].map(({ name, state, dueAt, policy }) => ({
    name,
    state,
    dueAt,
    policy,
  }));
}

function rank({ level }: Pick<EvaluatedCredential, "level">): number {
  return LEVELS.indexOf(level);
}

function waivedWrongly({ waivedBy, code, policy }: Finding, world: World): boolean {
  if (waivedBy === null) return false;
  if (code === "compromised" || code === "past-end") return true;
  const spec = world.exceptions.find((source) => nameOf(source) === waivedBy)?.document.spec;
  const owner = world.policies.find((source) => nameOf(source) === policy)?.document.spec;
  if (spec === undefined || owner?.exceptions?.allowed === false) return true;
  const runs = at(spec.startsAt) <= world.now && world.now < at(spec.expiresAt);
  return !runs || !(spec.policy === policy || spec.finding === code);
}

const property = (holds: (world: World) => void) => fc.assert(fc.property(worlds, holds), { numRuns: 200 });

describe("for any documents, records and instant", () => {
  it("an exception changes neither state nor due date nor policy, and raises no level", () => {
    expect.hasAssertions();
    property((world) => {
      const [without, withThem] = [evaluated({ ...world, exceptions: [] }), evaluated(world)];
      expect(unmoved(withThem)).toEqual(unmoved(without));
      const raised = [...withThem.credentials.values()].filter(
        (credential) =>
          rank(credential) > rank(without.credentials.get(credential.name) ?? { level: "none" }),
      );
      expect(raised).toEqual([]);
    });
  });

  it("a finding is waived only by an exception that runs and that its policy admits; compromise and own end never", () => {
    expect.hasAssertions();
    property((world) => {
      expect(evaluated(world).findings.filter((finding) => waivedWrongly(finding, world))).toEqual([]);
    });
  });

  it("what is compromised is an emergency, and neither it nor what is past its end is ever compliant", () => {
    expect.hasAssertions();
    property((world) => {
      const all = [...evaluated(world).credentials.values()];
      const burnt = all.filter(({ compromise }) => compromise !== undefined);
      expect(burnt.filter(({ state, level }) => state !== "compromised" || level !== "emergency")).toEqual(
        [],
      );
      const never = all.filter(({ state, pastEnd }) => state === "compromised" || pastEnd);
      expect(never.filter(({ compliantAdjusted }) => compliantAdjusted)).toEqual([]);
    });
  });

  it("strict compliance is adjusted compliance", () => {
    expect.hasAssertions();
    property((world) => {
      const all = [...evaluated(world).credentials.values()];
      expect(all.filter(({ compliantStrict: s, compliantAdjusted: a }) => s && !a)).toEqual([]);
    });
  });

  it("the same inputs in any order give the same bytes", () => {
    expect.hasAssertions();
    property((world) => {
      const turned = {
        ...world,
        credentials: world.credentials.toReversed(),
        policies: world.policies.toReversed(),
        exceptions: world.exceptions.toReversed(),
        statuses: world.statuses.toReversed(),
        incidents: world.incidents.toReversed(),
      };
      const [bytes, again] = [world, turned].map((given) =>
        JSON.stringify(evaluationReport(evaluated(given))),
      );
      expect(again).toBe(bytes);
    });
  });

  it("every finding has a fingerprint of its own", () => {
    expect.hasAssertions();
    property((world) => {
      const { findings } = evaluated(world);
      expect(new Set(findings.map(({ fingerprint }) => fingerprint)).size).toBe(findings.length);
    });
  });

  it("the due date is the earliest of all, and stale begins after `last` and not after the due date", () => {
    expect.hasAssertions();
    property((world) => {
      const all = [...evaluated(world).credentials.values()].filter(({ state }) => state !== "retired");
      const earliest = all.map(
        ({ obligations }) => obligations.flatMap(({ dueAt }) => dueAt ?? []).toSorted()[0],
      );
      expect(all.map(({ dueAt }) => dueAt)).toEqual(earliest);
      const wrong = all.flatMap(({ obligations, last }) =>
        obligations.filter(
          ({ startAt = last, dueAt = last }) => startAt > dueAt || (startAt <= last && last < dueAt),
        ),
      );
      expect(wrong).toEqual([]);
    });
  });

  it("a hold, a freeze or a limit changes no state, due date or start", () => {
    expect.hasAssertions();
    const shut = [
      hold("stop", { all: true, until: "2030-01-01" }),
      settings({
        limits: { startsPerRun: 0, freeze: [{ from: "2020-01-01", to: "2030-01-01", reason: "all" }] },
      }),
    ];
    property((world) => {
      const { statuses, incidents } = world;
      const all = [...world.credentials, ...world.policies, ...world.exceptions, ...shut];
      const held = evaluateAt(world.now, all, { statuses, incidents });
      expect(unmoved(held)).toEqual(unmoved(evaluated(world)));
      const starts = (result: EvaluationResult) =>
        [...result.credentials.values()].map(({ rotationDue }) => rotationDue);
      expect(starts(held)).toEqual(starts(evaluated(world)));
    });
  });
});

describe("as time goes by and nothing else changes", () => {
  const AGES: readonly string[] = ["active", "stale", "expired"];
  /** Compromised stays so, retired stays so, and everything else gets older or retires. */
  function isYounger(before: EvaluatedCredential, after: EvaluatedCredential | undefined): boolean {
    if (after === undefined) return true;
    if (!AGES.includes(before.state)) return after.state !== before.state;
    return AGES.includes(after.state)
      ? AGES.indexOf(after.state) < AGES.indexOf(before.state)
      : after.state !== "retired";
  }

  it("what people declare only gets older, by the same dates", () => {
    expect.hasAssertions();
    const later = fc.integer({ min: 0, max: 200 * 86_400 });
    fc.assert(
      fc.property(worlds, later, (world, seconds) => {
        const declared = { ...world, statuses: [], incidents: [] };
        const [then, now] = [evaluated(declared), evaluated(declared, addTo(world.now, seconds))];
        const before = [...then.credentials.values()];
        expect(
          before.filter((credential) => isYounger(credential, now.credentials.get(credential.name))),
        ).toEqual([]);
        const dates = (all: readonly EvaluatedCredential[]) =>
          all.map(({ obligations }) => obligations.map(({ startAt, dueAt }) => [startAt, dueAt]));
        expect(dates([...now.credentials.values()])).toEqual(dates(before));
      }),
      { numRuns: 200 },
    );
  });

  it("a rotation that is due stays due until something happens: it is never skipped", () => {
    expect.hasAssertions();
    const gaps = fc.integer({ min: 0, max: 400 * 86_400 });
    fc.assert(
      fc.property(worlds, gaps, (world, seconds) => {
        const bare = { ...world, exceptions: [], statuses: [] };
        const [then, now] = [evaluated(bare), evaluated(bare, addTo(world.now, seconds))];
        const due = [...then.credentials.values()].filter(({ rotationDue }) => rotationDue !== undefined);
        const lost = due.filter(({ name }) => {
          const after = now.credentials.get(name);
          return after?.rotationDue === undefined && after?.state !== "retired";
        });
        expect(lost).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
