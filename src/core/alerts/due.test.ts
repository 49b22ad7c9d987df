import { describe, expect, it } from "vitest";
import {
  at,
  credential,
  documents,
  evaluateAt,
  policy,
  records,
  rotation,
  status,
} from "../../testing/evaluation/world.ts";
import type { Instant } from "../model/instant.ts";
import type { AlertBook, AlertFact } from "../state/alert-book.ts";
import type { Rotation } from "../state/status.ts";
import { digestMoment, type Item, whatIsDue } from "./due.ts";
import { routeOf } from "./routing.ts";
import { subjectsOf } from "./subject.ts";

const ROUTES = [{ to: ["sec"], escalateAfter: "2d", escalateTo: ["page"] }];
const FIRST = at("2026-03-02T09:00:00Z");
const [NOW, LATER] = [at("2026-03-04T09:00:00Z"), at("2026-03-04T08:59:59Z")];

/** What is due of one overdue credential that `sec` was told of at FIRST, with this rotation. */
function dueWith(open: Partial<Rotation> | undefined, now: Instant, fact: Partial<AlertFact> = {}) {
  const all = [credential("key"), policy("keys", { rotateWithin: "60d" })];
  const facts = { statuses: open === undefined ? [] : [status("key", { rotation: rotation(open) })] };
  const subjects = subjectsOf(evaluateAt(now, all), documents(...all), records(facts));
  const routed = new Map(
    [...subjects].map(([fingerprint, subject]) => {
      const routing = routeOf(subject, { routes: ROUTES, ownerAt: () => undefined });
      return [fingerprint, { subject, routing }] as const;
    }),
  );
  const alert: AlertFact = {
    code: "rotation-overdue",
    credential: "key",
    level: "critical",
    since: FIRST,
    changed: FIRST,
    told: [{ to: "sec", level: "critical", at: FIRST }],
    ...fact,
  };
  const book: AlertBook = {
    schemaVersion: 1,
    alerts: Object.fromEntries([...subjects.keys()].map((fingerprint) => [fingerprint, alert])),
  };
  return [...whatIsDue(book, routed, ROUTES, now, undefined).immediate.keys()];
}

describe("escalation", () => {
  it("is due when the first telling is so long ago, and not a second before", () => {
    expect([dueWith(undefined, LATER), dueWith(undefined, NOW)]).toEqual([[], ["page"]]);
  });

  it.each([
    ["is under way", { recipe: "overlap" }, []],
    ["is parked", { recipe: "overlap", outcome: "parked" }, ["page"]],
    ["is done", { recipe: "overlap", outcome: "done" }, ["page"]],
    ["only adopts", { recipe: "adopt" }, ["page"]],
  ] as const)("with a rotation that %s", (_, open, expected) => {
    expect(dueWith(open, NOW)).toEqual(expected);
  });

  it("counts from the first telling, also when the alert has risen since, and happens once", () => {
    const risen = { told: [{ to: "sec", level: "critical", at: FIRST }] as AlertFact["told"], changed: NOW };
    expect(dueWith(undefined, NOW, risen)).toEqual(["page"]);
    expect(dueWith(undefined, NOW, { escalated: ["page"] })).toEqual([]);
    expect(dueWith(undefined, NOW, { told: [] })).toEqual([]);
    expect(dueWith(undefined, NOW, { snoozed: true })).toEqual([]);
  });
});

describe("a digest", () => {
  const moment = at("2026-03-04T09:00:00Z");
  const slot = (changed: string) => {
    const fact: AlertFact = {
      code: "drift",
      level: "critical",
      since: FIRST,
      changed: at(changed),
      told: [],
    };
    const item: Item = { fingerprint: "0", occasion: "new", level: "critical", fact, subject: undefined };
    return { to: "sec", time: { at: "09:00", timezone: "UTC" }, items: [item], reminders: [] };
  };
  const [early, late] = ["2026-03-04T08:59:59Z", "2026-03-04T15:00:00Z"];
  it.each([
    ["goes out in the first run since its time", "2026-03-04T06:00:00Z", late, {}, moment],
    ["waits in a later run for the next time", "2026-03-04T09:00:00Z", late, {}, undefined],
    ["goes out when what it tells was seen before its time", "2026-03-04T12:00:00Z", early, {}, moment],
    ["goes on when a run had begun it", "2026-03-04T12:00:00Z", late, { due: moment }, moment],
    ["does not go on with that of another day", "2026-03-04T12:00:00Z", late, { due: FIRST }, undefined],
    ["went out already, after its time", "2026-03-04T06:00:00Z", early, { sent: late }, undefined],
    ["went out already, at its time", "2026-03-04T06:00:00Z", early, { sent: moment }, undefined],
    ["went out the day before", "2026-03-04T06:00:00Z", late, { sent: FIRST }, moment],
  ])("%s", (_, before, changed, known, expected) => {
    const now = at("2026-03-04T15:00:00Z");
    expect(digestMoment(slot(changed), known as never, { now, before: at(before) })).toBe(expected);
  });

  it("of the very first run waits for its time of that day", () => {
    const first = (now: string) => digestMoment(slot(now), undefined, { now: at(now), before: undefined });
    expect([first(early), first(late)]).toEqual([undefined, moment]);
  });
});
