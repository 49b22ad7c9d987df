import { describe, expect, it } from "vitest";
import {
  at,
  credential,
  documents,
  evaluateAt,
  policy,
  records,
  sha256,
} from "../../testing/evaluation/world.ts";
import type { AlertBook, AlertFact } from "../state/alert-book.ts";
import { whatIsDue } from "./due.ts";
import { markTold } from "./mark-told.ts";
import { planMessages } from "./plan-messages.ts";
import { type Subject, subjectsOf } from "./subject.ts";
import { type Seen, takeNote } from "./take-note.ts";

const NOW = at("2026-03-05T09:00:00Z");
const EMPTY: AlertBook = { schemaVersion: 1 };
const namesOnly = (to: string): boolean => to === "page";

function seen(subjects: ReadonlyMap<string, Subject>, more: Partial<Seen> = {}): Seen {
  return {
    subjects,
    ended: new Map(),
    now: NOW,
    only: undefined,
    incomplete: false,
    unrouted: new Set(),
    namesOnly,
    exists: () => true,
    ...more,
  };
}

function subjectsAt(now: string): ReadonlyMap<string, Subject> {
  const all = [
    credential("key", { compromised: { at: "2026-02-01", reportedBy: "alice", reason: "seen" } }),
    policy("keys", { rotateWithin: "60d" }),
  ];
  return subjectsOf(evaluateAt(now, all), documents(...all), records({}));
}

const byCode = (subjects: ReadonlyMap<string, Subject>, code: string): ReadonlyMap<string, Subject> =>
  new Map([...subjects].filter(([, { finding }]) => finding.code === code));

describe("an emergency that a run ends before anybody was told", () => {
  const burnt = byCode(subjectsAt(NOW), "compromised");
  const ended = new Map(
    [...burnt].map(([fingerprint, subject]) => [fingerprint, { subject, to: ["sec", "page"] }]),
  );
  const plan = (book: AlertBook) =>
    planMessages({
      book,
      due: whatIsDue(book, new Map(), [], NOW, undefined),
      moment: { now: NOW, before: NOW },
      namesOnly,
      sha256,
    });

  it("is told at once as over, to everybody that would have been told of it, and then forgotten", () => {
    let book = takeNote(EMPTY, seen(new Map(), { ended }));
    const messages = plan(book);
    expect(messages.map(({ to, kind, named }) => [to, kind, named.map(({ occasion }) => occasion)])).toEqual([
      ["page", "immediate", ["recovered"]],
      ["sec", "immediate", ["recovered"]],
    ]);
    for (const message of messages) book = markTold(book, message, NOW);
    expect(book.alerts).toEqual({});
  });

  it("is told as over in the ordinary way to those who were told of it before", () => {
    const [fingerprint = ""] = burnt.keys();
    const told = [{ to: "sec", level: "emergency", at: NOW, named: true }] as AlertFact["told"];
    const known = {
      code: "compromised",
      credential: "key",
      level: "emergency",
      since: NOW,
      changed: NOW,
      told,
    } as const;
    const book = takeNote(
      { ...EMPTY, alerts: { [fingerprint]: { ...known, told } } },
      seen(new Map(), { ended }),
    );
    expect(plan(book).map(({ to }) => to)).toEqual(["sec"]);
  });
});

describe("a deadline that passes", () => {
  it("is a rise for whoever was warned, and an incident of its own for a pager", () => {
    const [due, overdue] = ["2026-02-20", "2026-03-05"].map((day, index) =>
      byCode(subjectsAt(day), index === 0 ? "rotation-due" : "rotation-overdue"),
    );
    const [fingerprint = ""] = due?.keys() ?? [];
    let book = takeNote(EMPTY, seen(due ?? new Map()));
    const warned = ["sec", "page"].map((to) => ({ to, level: "warning", at: NOW, named: true }) as const);
    book = {
      ...book,
      alerts: { [fingerprint]: { ...(book.alerts?.[fingerprint] as AlertFact), told: warned } },
    };
    const after = Object.values(takeNote(book, seen(overdue ?? new Map())).alerts ?? {});
    const told = new Map(after.map(({ code, gone, told }) => [code, [gone, ...told.map(({ to }) => to)]]));
    expect(told.get("rotation-due")).toEqual([true, "page"]);
    expect(told.get("rotation-overdue")).toEqual([undefined, "sec"]);
    expect(told.size).toBe(2);
  });
});
