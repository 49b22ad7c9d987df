import { describe, expect, test } from "vitest";
import { at, credential, exception } from "../../testing/evaluation/world.ts";
import type { Instant } from "../model/instant.ts";
import { parsePeriod } from "../period/period.ts";
import type { DueRecord } from "./due-ledger.ts";
import type { PeriodInput } from "./period-input.ts";
import { tellPeriod } from "./tell-period.ts";
import type { RotationTrace } from "./trace-rotations.ts";

const day = (text: string | undefined): Instant | undefined => (text === undefined ? undefined : at(text));

function due(dueAt: string, metAt?: string, more: Partial<DueRecord> = {}): DueRecord {
  return {
    credential: "key",
    source: credential("key"),
    policy: "keys",
    dueAt: at(dueAt),
    endsAt: undefined,
    gone: false,
    ...(metAt === undefined ? {} : { metAt: at(metAt) }),
    ...more,
  };
}

interface Times {
  readonly opened: string;
  readonly confirmed?: string;
  readonly oldEnded?: string;
  readonly ended?: string;
}

function trace(id: string, times: Times, more: Partial<RotationTrace["story"]> = {}): RotationTrace {
  const [openedAt, confirmedAt] = [at(times.opened), day(times.confirmed)];
  const oldEndedAt = day(times.oldEnded);
  return {
    credential: "key",
    openedAt,
    confirmedAt,
    oldEndedAt,
    recipe: "overlap",
    verified: confirmedAt !== undefined,
    endedAt: day(times.ended),
    story: {
      rotation: id,
      reason: "due",
      emergency: false,
      openedAt,
      confirmedAt: confirmedAt ?? null,
      oldEndedAt: oldEndedAt ?? null,
      outcome: "done",
      actor: "schedule",
      handle: null,
      fromSeq: 1,
      toSeq: 2,
      ...more,
    },
  };
}

function toldOf(more: Partial<PeriodInput>) {
  return tellPeriod({
    period: parsePeriod("2026-Q1"),
    knownAt: at("2026-04-01"),
    dueDates: { records: [], ahead: [], deadlines: new Map() },
    rotations: [],
    compromises: [],
    exceptions: [],
    changes: [],
    approvals: { of: () => undefined },
    hasReviews: true,
    rotatedByPeople: () => undefined,
    answerWithin: () => 3600,
    isMeant: () => true,
    ...more,
  });
}

describe("due dates", () => {
  const records = [
    due("2025-12-31T23:59:59Z", "2026-01-02"),
    due("2026-01-01", "2025-12-20", { rotation: "r1" }),
    due("2026-02-01", "2026-02-03T12:00:00Z"),
    due("2026-03-01"),
    due("2026-04-01"),
  ];

  test("of the period are counted once, each as it was met", () => {
    const { rows, facts } = toldOf({ dueDates: { records, ahead: [], deadlines: new Map() } });
    expect(rows.figures).toMatchObject({ due: 3, onTime: 1, late: 1, unmet: 1 });
    expect(rows.dueDates.map(({ result, daysLate, rotation }) => [result, daysLate, rotation])).toEqual([
      ["on-time", null, "r1"],
      ["late", 2, null],
      ["unmet", 31, null],
    ]);
    expect(facts.dueDates).toHaveLength(3);
  });

  test("ahead of the report's instant are open, and no check tests them", () => {
    const { rows, facts } = toldOf({
      knownAt: at("2026-02-15"),
      dueDates: { records: [], ahead: [due("2026-03-01")], deadlines: new Map() },
    });
    expect(rows.dueDates).toMatchObject([{ result: "open", daysLate: null }]);
    expect(rows.figures.due).toBe(0);
    expect(facts).toMatchObject({ dueDates: [], to: at("2026-02-15") });
  });

  test("that people met in the future are not met yet", () => {
    const { rows } = toldOf({
      dueDates: { records: [due("2026-03-01", "2026-05-01")], ahead: [], deadlines: new Map() },
    });
    expect(rows.dueDates).toMatchObject([{ result: "unmet", metAt: null, rotation: null }]);
  });

  test("have names of their own, also two of one second", () => {
    const twice = [due("2026-03-01", "2026-02-01"), due("2026-03-01")];
    const { facts } = toldOf({ dueDates: { records: twice, ahead: [], deadlines: new Map() } });
    expect(new Set(facts.dueDates.map(({ id }) => id)).size).toBe(2);
  });

  test("of certificates are late when half of the time to the end is gone", () => {
    const certificate = credential("web", { type: "tls-certificate" });
    const record = due("2026-02-01", "2026-02-20", { source: certificate, endsAt: at("2026-03-03") });
    const { facts } = toldOf({ dueDates: { records: [record], ahead: [], deadlines: new Map() } });
    expect(facts.renewals).toMatchObject([{ lateAt: at("2026-02-16"), renewedAt: at("2026-02-20") }]);
  });
});

describe("rotations", () => {
  test("are those that began, were proven or were given up in it", () => {
    const rotations = [
      trace("before", { opened: "2025-12-01", confirmed: "2025-12-20", ended: "2026-01-05" }),
      trace("proven", { opened: "2025-12-28", confirmed: "2026-01-02" }),
      trace("begun", { opened: "2026-03-30" }, { outcome: "open" }),
      trace("given-up", { opened: "2025-12-28", ended: "2026-01-02" }, { outcome: "aborted" }),
      { ...trace("adopted", { opened: "2026-02-01", confirmed: "2026-02-01" }), recipe: "adopt" },
      trace("after", { opened: "2026-04-01" }, { outcome: "open" }),
    ];
    const { rows, facts } = toldOf({ rotations });
    expect(rows.rotations.map(({ id }) => id)).toEqual(["given-up", "proven", "begun"]);
    expect(rows.figures).toMatchObject({ rotationsCompleted: 1, rotationsFailed: 1, rotationsOpen: 1 });
    expect(facts.rotations.map(({ id, verified }) => [id, verified])).toEqual([
      ["given-up", false],
      ["proven", true],
    ]);
  });

  test("whose old version may still live are not judged by it yet", () => {
    const rotations = [trace("r1", { opened: "2026-03-01", confirmed: "2026-03-02" }, { outcome: "open" })];
    const deadlines = new Map([["r1", at("2026-03-20")]]);
    const dueDates = { records: [], ahead: [], deadlines };
    expect(toldOf({ rotations, dueDates, knownAt: at("2026-03-10") }).facts.rotations).toEqual([
      { id: "r1", credential: "key", verified: true },
    ]);
    expect(toldOf({ rotations, dueDates }).facts.rotations).toMatchObject([
      { completed: { oldEndsBy: at("2026-03-20") } },
    ]);
  });
});

describe("compromises", () => {
  const compromises = [{ id: "i", credential: "key", at: at("2026-02-01"), by: "alice", reason: "a log" }];
  const emergency = { emergency: true };

  test("are answered by the emergency, not by a rotation that was under way", () => {
    const rotations = [
      trace("r2", { opened: "2026-01-20", confirmed: "2026-01-25", oldEnded: "2026-02-01T00:05:00Z" }),
      trace(
        "r3",
        {
          opened: "2026-02-01T00:00:30Z",
          confirmed: "2026-02-01T00:10:00Z",
          oldEnded: "2026-02-01T00:20:00Z",
        },
        emergency,
      ),
    ];
    const { rows, facts } = toldOf({ compromises, rotations });
    expect(rows.compromises).toMatchObject([
      { replacedAt: at("2026-02-01T00:10:00Z"), revokedAt: at("2026-02-01T00:20:00Z"), inTime: true },
    ]);
    expect(facts.compromises).toHaveLength(1);
  });

  test("are not judged while there is time, and are late afterwards", () => {
    const early = toldOf({ compromises, knownAt: at("2026-02-01T00:30:00Z") });
    expect(early.rows.compromises).toMatchObject([{ inTime: null }]);
    expect(early.facts.compromises).toEqual([]);
    expect(toldOf({ compromises }).rows.compromises).toMatchObject([{ inTime: false, revokedAt: null }]);
  });

  test("of what people rotate are over on the day that they wrote", () => {
    const rotatedByPeople = () => at("2026-02-01T00:40:00Z");
    expect(toldOf({ compromises, rotatedByPeople }).rows.compromises).toMatchObject([{ inTime: true }]);
  });
});

describe("changes", () => {
  const change = (kind: string, name: string, change: "added" | "removed" = "added") => ({
    change,
    kind,
    name,
    file: "a.yaml",
    commit: `${name}${"0".repeat(40)}`.slice(0, 40),
    author: "bob",
    at: at("2026-02-01"),
  });
  const changes = [
    change("Policy", "p1"),
    change("Exception", "e1"),
    change("Exception", "e2", "removed"),
    change("Credential", "c1"),
    change("Credential", "c2"),
    change("Snooze", "s1"),
  ];
  const approvals: PeriodInput["approvals"] = {
    of: (_, name) =>
      ["e1", "c1"].includes(name) ? { isApproved: name === "e1", approvers: ["carol"] } : undefined,
  };

  test("are all told; checks test those that another person has to approve", () => {
    const { rows, facts } = toldOf({ changes, approvals });
    expect(rows.figures).toMatchObject({ changes: 6, changesApproved: 1 });
    expect(facts.changes.map(({ id, approval }) => `${id.split(" ").at(-1)} ${approval}`)).toEqual([
      "p1 none",
      "e1 forge-review",
      "c1 none",
    ]);
  });

  test("of exceptions name as approver whom the forge names, and without one whom the document names", () => {
    const exceptions = [exception("e1", { credentials: ["key"], policy: "keys" })];
    const approversOf = (hasReviews: boolean) =>
      toldOf({ exceptions, approvals, hasReviews }).rows.exceptions[0]?.approvers;
    expect(approversOf(false)).toEqual(["carol"]);
    expect(toldOf({ exceptions, hasReviews: true }).rows.exceptions[0]?.approvers).toEqual([]);
  });
});

test("of a selection only its credentials are told", () => {
  const rotations = [trace("r1", { opened: "2026-03-01" }, { outcome: "open" })];
  const dueDates = { records: [due("2026-03-01")], ahead: [], deadlines: new Map() };
  const { rows } = toldOf({ rotations, dueDates, isMeant: () => false });
  expect(rows).toMatchObject({ dueDates: [], rotations: [] });
});
