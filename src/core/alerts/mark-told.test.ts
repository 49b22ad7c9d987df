import { describe, expect, it } from "vitest";
import { at } from "../../testing/evaluation/world.ts";
import type { AlertBook, AlertFact } from "../state/alert-book.ts";
import type { Item } from "./due.ts";
import { markFailing, markTold } from "./mark-told.ts";

const [FIRST, NOW] = [at("2026-03-02T09:00:00Z"), at("2026-03-09T09:00:00Z")];
const FACT: AlertFact = { code: "drift", level: "critical", since: FIRST, changed: FIRST, told: [] };
const WARNED: AlertFact = { ...FACT, told: [{ to: "sec", level: "warning", at: FIRST }] };

const item = (occasion: Item["occasion"], fact = FACT): Item => ({
  fingerprint: "f",
  occasion,
  level: "critical",
  fact,
  subject: undefined,
});
const message = (named: readonly Item[], counted: readonly Item[] = []) =>
  ({ id: "m", to: "sec", kind: "immediate", slot: undefined, named, counted }) as const;
const book = (fact: AlertFact): AlertBook => ({ schemaVersion: 1, alerts: { f: fact } });

describe("what was told", () => {
  it("keeps when it was told first at its level: a rise is told anew", () => {
    const { alerts } = markTold(book(WARNED), message([item("raised", WARNED)]), NOW);
    expect(alerts?.["f"]?.told).toEqual([{ to: "sec", level: "critical", at: NOW, named: true }]);
    const known: AlertFact = { ...FACT, told: [{ to: "sec", level: "critical", at: FIRST }] };
    const again = markTold(book(known), message([item("reminder", known)]), NOW);
    expect(again.alerts?.["f"]?.told).toEqual([{ to: "sec", level: "critical", at: FIRST, named: true }]);
  });

  it("is kept also when another run has meanwhile seen it end, so that its end is told", () => {
    const { alerts } = markTold({ schemaVersion: 1 }, message([item("new")]), NOW);
    expect(alerts?.["f"]?.told).toEqual([{ to: "sec", level: "critical", at: NOW, named: true }]);
  });

  it("by its number alone is not told by name", () => {
    const { alerts } = markTold(book(FACT), message([], [item("new")]), NOW);
    expect(alerts?.["f"]?.told).toEqual([{ to: "sec", level: "critical", at: NOW }]);
  });

  it("is forgotten when everybody knows that it is over, and not before", () => {
    const both: AlertFact = {
      ...WARNED,
      gone: true,
      told: [...WARNED.told, { to: "page", level: "critical", at: FIRST }],
    };
    const once = markTold(book(both), message([item("recovered", both)]), NOW);
    expect(once.alerts?.["f"]?.told.map(({ to }) => to)).toEqual(["page"]);
    const twice = markTold(once, { ...message([item("recovered", both)]), to: "page" }, NOW);
    expect(twice.alerts).toEqual({});
  });
});

describe("who could not be told", () => {
  it("is counted run after run up to three, and forgotten when nothing waits for it", () => {
    let failing: AlertBook = { schemaVersion: 1 };
    const failed = new Map([["sec", "no answer"]]);
    for (const runs of [1, 2, 3]) {
      failing = markFailing(failing, failed, new Set(["sec"]), NOW);
      expect(failing.failing?.["sec"]?.runs).toBe(runs);
    }
    expect(markFailing(failing, failed, new Set(["sec"]), NOW)).toBe(failing);
    const otherwise = new Map([["sec", "busy, it asks for a pause of 3587 s"]]);
    expect(markFailing(failing, otherwise, new Set(["sec"]), NOW)).toBe(failing);
    expect(markFailing(failing, new Map(), new Set(["sec"]), NOW)).toBe(failing);
    expect(markFailing(failing, new Map(), new Set(), NOW).failing).toEqual({});
  });
});
