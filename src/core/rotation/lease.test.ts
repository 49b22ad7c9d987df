import { describe, expect, it } from "vitest";
import { NOON, record } from "../../testing/engine/record.ts";
import { at } from "../../testing/evaluation/world.ts";
import { holdLease, leaseView, mayGoOn, mayStartEffect, settledAt } from "./lease.ts";

const lease = { run: "run-1", epoch: 2, until: NOON, holder: "host/17" };
const alive = () => false;

describe("whose it is", () => {
  it.each([
    ["nobody's", undefined, "run-2", NOON, alive, "free"],
    ["ours, also after its end", lease, "run-1", at("2026-03-11"), alive, "ours"],
    ["another's", lease, "run-2", at("2026-03-10T11:00:00Z"), alive, "held"],
    ["another's until two minutes after its end", lease, "run-2", at("2026-03-10T12:01:59Z"), alive, "held"],
    ["free after that", lease, "run-2", at("2026-03-10T12:02:00Z"), alive, "free"],
    [
      "free at once when its process is dead",
      lease,
      "run-2",
      at("2026-03-10T11:00:00Z"),
      (): boolean => true,
      "free",
    ],
    [
      "of no process that anybody can look for",
      { run: "run-1", epoch: 2, until: NOON },
      "run-2",
      at("2026-03-10T11:00:00Z"),
      (): boolean => true,
      "held",
    ],
  ] as const)("%s", (_name, held, run, now, isDead, view) => {
    expect(leaseView(held, run, now, isDead)).toBe(view);
  });
});

it("the epoch grows at every taking and never at a renewal", () => {
  const taken = holdLease(record({}), { run: "run-2", holder: "h", seconds: 900 }, NOON);
  expect(taken).toEqual({
    epoch: 3,
    lease: { run: "run-2", epoch: 3, until: at("2026-03-10T12:15:00Z"), holder: "h" },
  });
  const renewed = holdLease(
    record({ lease: taken.lease }),
    { run: "run-2", holder: "h", seconds: 900 },
    at("2026-03-10T12:10:00Z"),
  );
  expect(renewed.lease).toMatchObject({ epoch: 3, until: "2026-03-10T12:25:00Z" });
});

it.each([
  ["2026-03-10T11:58:59Z", true],
  ["2026-03-10T11:59:00Z", false],
])("an effect starts only while the lease outlives its limit: at %s %s", (now, may) => {
  expect(mayStartEffect({ lease, since: at(now) }, "run-1", at(now))).toBe(may);
  expect(mayStartEffect({ lease, since: at(now) }, "run-2", at(now))).toBe(false);
  expect(mayStartEffect({ since: at(now) }, "run-1", at(now))).toBe(false);
});

it("an effect does not start long after its intent, and what was on its way has arrived by then", () => {
  const since = at("2026-03-01T12:00:00Z");
  const long = { run: "run-1", epoch: 1, until: at("2026-03-02T12:00:00Z") };
  expect(mayStartEffect({ lease: long, since }, "run-1", at("2026-03-01T12:04:00Z"))).toBe(true);
  expect(mayStartEffect({ lease: long, since }, "run-1", at("2026-03-01T12:04:01Z"))).toBe(false);
  expect(mayGoOn({ lease: long, since }, at("2026-03-01T12:05:00Z"))).toBe(true);
  expect(mayGoOn({ lease: long, since }, at("2026-03-01T12:05:01Z"))).toBe(false);
  expect(mayGoOn({ lease: { ...long, until: since }, since }, since)).toBe(false);
  expect(settledAt(since) > at("2026-03-01T12:06:00Z")).toBe(true);
});
