import { expect, test } from "vitest";
import { at, credential, documents } from "../../testing/evaluation/world.ts";
import type { Sourced } from "../documents/kinds.ts";
import { accessLog, isWithin } from "./access-log.ts";

const ALICE = { principal: "alice", kind: "person" } as const;
const ORDERS = { principal: "orders-api", kind: "service" } as const;

type Then = readonly [day: string, all: readonly Sourced[]];

function spansOf(...days: readonly Then[]) {
  const log = accessLog();
  for (const [day, all] of days) log.take(at(`${day}T00:00:00Z`), `commit-${day}`, documents(...all));
  return log.spans();
}

function day(text: string): string {
  return `${text}T00:00:00Z`;
}

test("access begins with the commit that declares it and ends with the one that takes it out", () => {
  const spans = spansOf(
    ["2026-01-01", [credential("key", { access: [ORDERS] })]],
    ["2026-02-01", [credential("key", { access: [ORDERS, { ...ALICE, purpose: "debugging" }] })]],
    ["2026-03-01", [credential("key", { access: [ORDERS] })]],
  );
  expect(spans).toMatchObject([
    {
      principal: "alice",
      purpose: "debugging",
      from: day("2026-02-01"),
      by: "commit-2026-02-01",
      to: day("2026-03-01"),
      endedBy: "commit-2026-03-01",
    },
    { principal: "orders-api", from: day("2026-01-01"), to: undefined, endedBy: undefined },
  ]);
});

test("access ends by its own date and with the credential, without any commit", () => {
  const [dated] = spansOf([
    "2026-01-01",
    [credential("key", { access: [{ ...ALICE, until: "2026-01-20" }] })],
  ]);
  expect(dated).toMatchObject({ to: day("2026-01-20"), endedBy: undefined });
  const [retired] = spansOf(
    ["2026-01-01", [credential("key", { access: [ALICE] })]],
    ["2026-02-01", [credential("key", { access: [ALICE], retiredAt: "2026-01-25" })]],
  );
  expect(retired).toMatchObject({ from: day("2026-01-01"), to: day("2026-01-25"), endedBy: undefined });
});

test("an entry that is tidied up after its date ended on the date", () => {
  const [span] = spansOf(
    ["2026-01-01", [credential("key", { access: [{ ...ALICE, until: "2026-01-20" }] })]],
    ["2026-02-01", [credential("key", { access: [] })]],
  );
  expect(span).toMatchObject({ to: day("2026-01-20"), endedBy: undefined });
});

test("a renamed credential is the same one", () => {
  const spans = spansOf(
    ["2026-01-01", [credential("old", { access: [ALICE] })]],
    ["2026-02-01", [credential("new", { access: [ALICE] }, { formerNames: ["old"] })]],
  );
  expect(spans).toMatchObject([{ credential: "new", from: day("2026-01-01"), to: undefined }]);
});

test("who comes back has two spans", () => {
  const [key, empty] = [credential("key", { access: [ALICE] }), credential("key", { access: [] })];
  const spans = spansOf(["2026-01-01", [key]], ["2026-02-01", [empty]], ["2026-03-01", [key]]);
  expect(spans.map(({ from, to }) => [from, to])).toEqual([
    [day("2026-01-01"), day("2026-02-01")],
    [day("2026-03-01"), undefined],
  ]);
});

test("a date that is put off after it has passed is access anew", () => {
  const until = (date: string) => credential("key", { access: [{ ...ALICE, until: date }] });
  const spans = spansOf(["2026-01-01", [until("2026-01-20")]], ["2026-02-01", [until("2026-03-01")]]);
  expect(spans.map(({ from, to }) => [from, to])).toEqual([
    [day("2026-01-01"), day("2026-01-20")],
    [day("2026-02-01"), day("2026-03-01")],
  ]);
});

test("a period has what overlaps it, and its end is outside", () => {
  const [span] = spansOf(
    ["2026-01-10", [credential("key", { access: [ALICE] })]],
    ["2026-02-10", [credential("key", { access: [] })]],
  );
  const within = (from: string, to: string) => isWithin(span!, at(day(from)), at(day(to)));
  expect(within("2026-01-01", "2026-01-10")).toBe(false);
  expect(within("2026-01-01", "2026-01-11")).toBe(true);
  expect(within("2026-02-09", "2026-03-01")).toBe(true);
  expect(within("2026-02-10", "2026-03-01")).toBe(false);
});
