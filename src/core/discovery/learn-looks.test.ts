import { describe, expect, test } from "vitest";
import { AWS, key, learn, look } from "../../testing/discovery/looks.ts";
import { at } from "../../testing/evaluation/world.ts";
import { declaredSources } from "./declared-sources.ts";
import { dueSources } from "./learn-looks.ts";

const WORLD = { discovery: [AWS] };
const LATER = { startedAt: at("2026-03-01T14:00:00Z"), at: at("2026-03-01T14:01:00Z") };
const NEXT_DAY = { startedAt: at("2026-03-02T08:30:00Z"), at: at("2026-03-02T08:31:00Z") };

function events({ events: all }: ReturnType<typeof learn>): readonly string[] {
  return all.map(({ event, outcome }) => `${event} ${outcome}`);
}

describe("what a run writes", () => {
  const first = learn(WORLD, { "prod-aws": { account: look([key("AKIA1")]) } });
  const known = { ...WORLD, book: first.book };

  test("is what it saw, and that it looked", () => {
    expect(first.isNews).toBe(true);
    expect(events(first)).toEqual(["discovery.scanned done", "discovery.found done"]);
    expect(first.events[1]?.detail).toMatchObject({ number: 1, first: [{ handle: "AKIA1" }] });
  });

  test("is nothing when a look within the interval shows the same", () => {
    const again = learn(
      { ...known, now: "2026-03-01T15:00:00Z" },
      { "prod-aws": { account: look([key("AKIA1")], LATER) } },
    );
    expect(again).toMatchObject({ isNews: false, events: [] });
  });

  test("is once per interval that it looked", () => {
    const now = "2026-03-02T09:00:00Z";
    const again = learn({ ...known, now }, { "prod-aws": { account: look([key("AKIA1")], NEXT_DAY) } });
    expect(events(again)).toEqual(["discovery.scanned done"]);
  });

  test("is at once what changed", () => {
    const now = "2026-03-01T15:00:00Z";
    const again = learn({ ...known, now }, { "prod-aws": { account: look([key("AKIA2")], LATER) } });
    expect(events(again)).toEqual(["discovery.scanned done", "discovery.found done", "discovery.gone done"]);
  });

  test("is once that a source fails, however often it is tried", () => {
    const now = "2026-03-01T15:00:00Z";
    const failed = learn({ ...known, now }, { "prod-aws": "no secret" });
    expect(events(failed)).toEqual(["discovery.scanned failed"]);
    const again = learn(
      { ...known, book: failed.book, now: "2026-03-01T21:00:00Z" },
      { "prod-aws": "no secret" },
    );
    expect(again.isNews).toBe(false);
  });

  test("forgets a source that is no longer declared", () => {
    const gone = learn({ discovery: [{ ...AWS, name: "other" }], book: first.book }, {});
    expect(gone).toMatchObject({ isNews: true, book: { sources: {} } });
    expect(events(gone)).toEqual(["discovery.compared done"]);
  });

  test("names no more of many than people can read", () => {
    const many = Array.from({ length: 3000 }, (_, number) => key(`AKIA${number}`));
    const [, found] = learn(WORLD, { "prod-aws": { account: look(many) } }).events;
    expect(found?.detail?.["number"]).toBe(3000);
    expect(found?.detail?.["first"]).toHaveLength(50);
  });
});

describe("a run looks at", () => {
  const declared = declaredSources({ discovery: [AWS] });
  const due = (book: ReturnType<typeof learn>["book"] | undefined, now: string) =>
    dueSources(declared, book, at(now)).map(({ name }) => name);
  const whole = learn(WORLD, { "prod-aws": { account: look([]) } }).book;

  test("what was never looked at, and again at the end of the interval", () => {
    expect(due(undefined, "2026-03-01T09:00:00Z")).toEqual(["prod-aws"]);
    expect(due(whole, "2026-03-02T08:00:00Z")).toEqual([]);
    expect(due(whole, "2026-03-02T08:01:00Z")).toEqual(["prod-aws"]);
  });

  test("what was broken off or failed, at once", () => {
    const broken = learn(WORLD, {
      "prod-aws": { account: look([], { complete: false, cursor: "on" }) },
    }).book;
    expect(due(broken, "2026-03-01T09:00:00Z")).toEqual(["prod-aws"]);
    expect(due(learn(WORLD, { "prod-aws": "no secret" }).book, "2026-03-01T09:00:00Z")).toEqual(["prod-aws"]);
  });
});
