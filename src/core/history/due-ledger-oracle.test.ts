import fc from "fast-check";
import { expect, test } from "vitest";
import { at, sha256 } from "../../testing/evaluation/world.ts";
import { DAYS, dayAt, type PastDay, pasts } from "../../testing/history/any-past.ts";
import { evaluate } from "../evaluate/evaluate.ts";
import type { EvaluationResult } from "../evaluate/evaluation.ts";
import type { Instant } from "../model/instant.ts";
import { EMPTY_STATE, type StateFacts } from "../state/facts.ts";
import { joinRecords } from "../state/rename.ts";
import type { Status } from "../state/status.ts";
import { dueLedger, type HistoryStep } from "./due-ledger.ts";

interface Told {
  readonly dueAt: Instant;
  readonly metAt: Instant | undefined;
  readonly rotation: string | undefined;
}

/** What the ordinary evaluation says of one credential on one day. */
interface Sample {
  readonly dueAt: Instant | undefined;
  readonly last: Instant;
  readonly observed: boolean;
  readonly isOldAlive: boolean;
}

/** Every day is evaluated in full: slow, and with nothing to remember but the cycle. */
function bruteForce(days: readonly Day[], nameOf: (day: PastDay) => string | undefined): Told[] {
  const all: Told[] = [];
  let cycle:
    | { sample: Sample; due: Instant | undefined; met: Told[] | undefined; passed: Told[] }
    | undefined;
  let taken: { id: string; cycle: NonNullable<typeof cycle>; early: Told | undefined } | undefined;
  const heard = new Set<string>();
  const replace = (before: Told, after: Told) => {
    all[all.indexOf(before)] = after;
    return after;
  };
  for (const day of days) {
    const { now, present } = day;
    // What was in force up to this moment counts when it passed.
    if (cycle?.due !== undefined && cycle.met === undefined && cycle.due < now) {
      const { due } = cycle;
      if (!cycle.passed.some(({ dueAt }) => dueAt === due)) {
        const passed = { dueAt: due, metAt: undefined, rotation: undefined };
        all.push(passed);
        cycle.passed.push(passed);
      }
    }
    const name = nameOf(present);
    const { sample, status } = sampleOf(day, name);
    cycle ??= sample === undefined ? undefined : { sample, due: sample.dueAt, met: undefined, passed: [] };
    const rotation = status?.rotation;
    if (rotation !== undefined && cycle !== undefined) {
      const { id, confirmedAt } = rotation;
      if (taken?.id === id && confirmedAt === undefined) {
        const undone: NonNullable<typeof taken> = taken;
        if (undone.early !== undefined) all.splice(all.indexOf(undone.early), 1);
        undone.cycle.passed = (undone.cycle.met ?? [])
          .filter((told) => told !== undone.early)
          .map((told) => replace(told, { ...told, metAt: undefined, rotation: undefined }));
        undone.cycle.met = undefined;
        cycle = undone.cycle;
        taken = undefined;
        heard.delete(id);
      } else if (confirmedAt !== undefined && !heard.has(id)) {
        heard.add(id);
        const isNews = sample === undefined || sample.last !== cycle.sample.last || sample.isOldAlive;
        if (cycle.met === undefined && isNews) {
          const met = cycle.passed.map((told) =>
            replace(told, { ...told, metAt: confirmedAt, rotation: id }),
          );
          const { due } = cycle;
          let early: Told | undefined;
          if (due !== undefined && !met.some(({ dueAt }) => dueAt === due)) {
            early = { dueAt: due, metAt: confirmedAt, rotation: id };
            all.push(early);
            met.push(early);
          }
          cycle.met = met;
          taken = { id, cycle, early };
        }
      }
    }
    if (cycle === undefined) continue;
    if (sample === undefined) {
      cycle.due = undefined;
      continue;
    }
    if (sample.last === cycle.sample.last) {
      cycle.due = sample.dueAt;
      continue;
    }
    if (sample.last < cycle.sample.last) {
      cycle = { ...cycle, sample, due: sample.dueAt };
      continue;
    }
    if (cycle.met === undefined) {
      if (rotation?.outcome === "open" && rotation.confirmedAt === undefined) continue;
      const metAt = sample.last < now ? sample.last : now;
      for (const told of cycle.passed) replace(told, { ...told, metAt });
      const { due, passed } = cycle;
      const isNew = due !== undefined && !passed.some(({ dueAt }) => dueAt === due);
      const isSameSource = sample.observed === cycle.sample.observed;
      if (isNew && isSameSource) all.push({ dueAt: due, metAt, rotation: undefined });
    }
    cycle = { sample, due: sample.dueAt, met: undefined, passed: [] };
  }
  return all;
}

/** A day with what the ordinary evaluation says of it. */
interface Day {
  readonly now: Instant;
  readonly present: PastDay;
  readonly state: StateFacts;
  readonly credentials: EvaluationResult["credentials"];
}

function everyDay(past: readonly PastDay[]): readonly Day[] {
  return Array.from({ length: DAYS + 1 }, (_, day) => dayAt(day)).flatMap((now) => {
    const present = past.findLast((one) => one.at <= now);
    if (present === undefined) return [];
    const { documents, statuses } = present;
    const { state } = joinRecords({ ...EMPTY_STATE, commit: "f".repeat(40), statuses }, documents);
    const { credentials } = evaluate({ documents, state, now, commit: undefined, sha256 });
    return [{ now, present, state, credentials }];
  });
}

function sampleOf({ present, state, credentials }: Day, name: string | undefined) {
  const evaluated = credentials.get(name ?? "");
  const status: Status | undefined = name === "person" ? undefined : present.statuses.get("machine");
  if (evaluated === undefined) return { sample: undefined, status };
  const known = state.statuses.get(evaluated.name);
  const attempt = known?.rotation?.attempt?.id;
  const sample: Sample = {
    dueAt: evaluated.dueAt,
    last: evaluated.last,
    observed: known !== undefined && (known.versions.length > 0 || known.adoptedAt !== undefined),
    isOldAlive: evaluated.live.some(({ mark }) => mark?.attempt !== attempt || attempt === undefined),
  };
  return { sample, status: known ?? status };
}

function stepsOf(past: readonly PastDay[]): readonly HistoryStep[] {
  return past.map(({ at, documents, statuses }, index) => {
    const before = past[index - 1]?.statuses;
    const changed = [...statuses].filter(([name, status]) => before?.get(name) !== status);
    return { at, documents, records: new Map(changed.map(([name, status]) => [`path of ${name}`, status])) };
  });
}

test("the ledger counts what an evaluation of every single day finds", () => {
  const end = dayAt(DAYS);
  let counted = 0;
  fc.assert(
    fc.property(pasts, (past) => {
      const ledger = dueLedger(new Map());
      for (const step of stepsOf(past)) ledger.take(step);
      const { records } = ledger.sumAt(end);
      const days = everyDay(past);
      const isMachine = (name: string): boolean => name !== "person";
      const machine = (day: PastDay) => [...day.documents.credentials.keys()].find(isMachine);
      const person = (day: PastDay) => [...day.documents.credentials.keys()].find((name) => !isMachine(name));
      for (const [about, nameOf] of [
        [isMachine, machine],
        [(name: string) => !isMachine(name), person],
      ] as const) {
        const found = records
          .filter(({ credential, dueAt }) => about(credential) && dueAt < end)
          .map(({ dueAt, metAt, rotation }) => ({ dueAt, metAt, rotation }));
        const wanted = bruteForce(days, nameOf).filter(({ dueAt }) => dueAt < end);
        counted += wanted.length;
        expect(sorted(found)).toEqual(sorted(wanted));
      }
    }),
    { numRuns: 25 },
  );
  expect(counted).toBeGreaterThan(30);
});

test("what is known at an instant does not depend on what is asked in between, or comes after", () => {
  fc.assert(
    fc.property(pasts, fc.integer({ min: 0, max: DAYS }), (past, day) => {
      const instant = dayAt(day);
      const asked = dueLedger(new Map());
      const straight = dueLedger(new Map());
      const early = dueLedger(new Map());
      for (const step of stepsOf(past)) {
        if (step.at > instant) break;
        early.take(step);
      }
      let between: ReturnType<typeof asked.sumAt> | undefined;
      for (const step of stepsOf(past)) {
        if (step.at > instant) between ??= asked.sumAt(instant);
        asked.take(step);
        straight.take(step);
      }
      between ??= asked.sumAt(instant);
      expect(between).toEqual(early.sumAt(instant));
      expect(asked.sumAt(at("2027-01-01"))).toEqual(straight.sumAt(at("2027-01-01")));
    }),
    { numRuns: 25 },
  );
});

function sorted(told: readonly Told[]): readonly string[] {
  return told.map((one) => JSON.stringify(one)).toSorted();
}
