import { describe, expect, test } from "vitest";
import {
  at,
  credential,
  documents,
  incident,
  policy,
  rotation,
  status,
  version,
} from "../../testing/evaluation/world.ts";
import type { Sourced } from "../documents/kinds.ts";
import type { Status } from "../state/status.ts";
import { dueLedger } from "./due-ledger.ts";

const KEYS = policy("keys", { rotateWithin: "60d" });
const KEY = credential("key", { method: "automated" });
const MARK = { rotation: "r1", attempt: "r1-1", epoch: 1 };
const OLD = version("2026-01-01", { handle: "old" });
const NEW = version("2026-02-20", { handle: "new", mark: MARK });
const OPEN = rotation({
  id: "r1",
  attempt: { id: "r1-1", number: 1, startedAt: at("2026-02-20"), createdAt: at("2026-02-20") },
});

type Step = readonly [when: string, documents: readonly Sourced[] | undefined, record?: Status];

function told(until: string, ...steps: readonly Step[]) {
  const ledger = dueLedger(new Map());
  for (const [when, all, record] of steps) {
    ledger.take({
      at: at(when),
      ...(all === undefined ? {} : { documents: documents(...all) }),
      ...(record === undefined ? {} : { records: new Map([["a path", record]]) }),
    });
  }
  const { records, ahead, deadlines } = ledger.sumAt(at(until));
  const lines = records.map(({ dueAt, metAt, rotation: by }) =>
    [dueAt.slice(0, 10), metAt?.slice(0, 10) ?? "unmet", by].filter(Boolean).join(" "),
  );
  return { lines, ahead: ahead.map(({ dueAt }) => dueAt.slice(0, 10)), deadlines, records };
}

const before: Step = ["2026-01-10", [KEYS, KEY], status("key", { versions: [OLD] })];

describe("a due date", () => {
  test("is met by the proof of use, and not by the death of the old version", () => {
    const confirmed = { ...OPEN, confirmedAt: at("2026-02-22") };
    const { lines, ahead, deadlines } = told(
      "2026-04-01",
      before,
      ["2026-02-22", undefined, status("key", { versions: [OLD, NEW], rotation: confirmed })],
      [
        "2026-03-20",
        undefined,
        status("key", { versions: [{ ...OLD, live: false }, NEW], rotation: confirmed }),
      ],
    );
    expect(lines).toEqual(["2026-03-02 2026-02-22 r1"]);
    expect(ahead).toEqual(["2026-04-21"]);
    expect(deadlines.get("r1")).toBe(at("2026-03-04"));
  });

  test("is met late when the proof comes after it, also where the old version was replaced in place before", () => {
    const inPlace = { ...OPEN, recipe: "in-place" as const };
    const replaced = version("2026-03-01", { mark: MARK });
    const { lines } = told(
      "2026-04-01",
      before,
      ["2026-03-01", undefined, status("key", { versions: [replaced], rotation: inPlace })],
      [
        "2026-03-05",
        undefined,
        status("key", {
          versions: [replaced],
          rotation: { ...inPlace, confirmedAt: at("2026-03-05"), outcome: "done" },
        }),
      ],
    );
    expect(lines).toEqual(["2026-03-02 2026-03-05 r1"]);
  });

  test("is open again when the proof is taken back", () => {
    const { lines, deadlines } = told(
      "2026-04-01",
      before,
      [
        "2026-02-22",
        undefined,
        status("key", { versions: [OLD, NEW], rotation: { ...OPEN, confirmedAt: at("2026-02-22") } }),
      ],
      ["2026-02-25", undefined, status("key", { versions: [OLD, NEW], rotation: OPEN })],
    );
    expect(lines).toEqual(["2026-03-02 unmet"]);
    expect(deadlines.size).toBe(0);
  });

  test("that a policy moves before it passes is another one; one that passed counts", () => {
    const stricter: Step = ["2026-02-15", [policy("keys", { rotateWithin: "50d" }), KEY]];
    expect(told("2026-02-18", before, stricter)).toMatchObject({ lines: [], ahead: ["2026-02-20"] });
    const looser: Step = ["2026-03-10", [policy("keys", { rotateWithin: "90d" }), KEY]];
    expect(told("2026-05-01", before, looser).lines).toEqual(["2026-03-02 unmet", "2026-04-01 unmet"]);
  });

  test("that a policy puts into the past counts from then on", () => {
    const stricter: Step = ["2026-02-15", [policy("keys", { rotateWithin: "30d" }), KEY]];
    expect(told("2026-02-15", before, stricter).lines).toEqual(["2026-01-31 unmet"]);
    expect(told("2026-02-14T23:59:59Z", before).lines).toEqual([]);
  });

  test("of a person is met on the day that they wrote", () => {
    const person = (rotatedAt?: string) => credential("key", rotatedAt === undefined ? {} : { rotatedAt });
    const { lines } = told(
      "2026-04-01",
      ["2026-01-10", [KEYS, person()]],
      ["2026-03-20", [KEYS, person("2026-03-12")]],
    );
    expect(lines).toEqual(["2026-03-02 2026-03-12"]);
  });

  test("that rested on a document until the provider said better is none", () => {
    const { lines, ahead } = told(
      "2026-04-01",
      ["2026-01-10", [KEYS, KEY]],
      ["2026-02-10", undefined, status("key", { versions: [version("2026-02-05")] })],
    );
    expect({ lines, ahead }).toEqual({ lines: [], ahead: ["2026-04-06"] });
  });

  test("goes with the document, and stays unmet once it has passed", () => {
    const gone: Step = ["2026-02-20", [KEYS]];
    expect(told("2026-05-01", before, gone)).toMatchObject({ lines: [], ahead: [] });
    const { records } = told("2026-05-01", before, ["2026-03-20", [KEYS]]);
    expect(records).toMatchObject([{ dueAt: at("2026-03-02"), gone: true }]);
  });

  test("moves by itself when one of two versions comes to its own end", () => {
    const short = version("2025-12-20", { handle: "short", expiresAt: at("2026-02-01") });
    const record = status("key", { versions: [short, OLD] });
    const { lines, ahead } = told("2026-02-02", ["2026-01-10", [KEYS, KEY], record]);
    expect(lines).toEqual(["2026-02-18 2026-01-01"]);
    expect(ahead).toEqual(["2026-03-02"]);
  });

  test("goes on under a new name, and with the record of the old one", () => {
    const renamed = credential("new-key", { method: "automated" }, { formerNames: ["key"] });
    const { records } = told(
      "2026-04-01",
      before,
      ["2026-02-01", [KEYS, renamed]],
      [
        "2026-03-01",
        undefined,
        status("key", { versions: [OLD, NEW], rotation: { ...OPEN, confirmedAt: at("2026-03-01") } }),
      ],
    );
    expect(records).toMatchObject([{ credential: "new-key", rotation: "r1", metAt: at("2026-03-01") }]);
  });
});

test("of an emergency the old version is to be dead when its policy says", () => {
  const confirmedAt = at("2026-02-22");
  const urgent = status("key", { versions: [OLD, NEW], rotation: { ...OPEN, emergency: true, confirmedAt } });
  const { deadlines } = told("2026-04-01", before, ["2026-02-22", undefined, urgent]);
  expect(deadlines.get("r1")).toBe(at("2026-02-22T00:15:00Z"));
});

test("a retired credential that was compromised is due until that is over", () => {
  const retired = credential("key", { retiredAt: "2026-02-01" });
  const ledger = dueLedger(new Map([["i", incident("i", "key", "2026-02-10")]]));
  ledger.take({ at: at("2026-01-10"), documents: documents(KEYS, retired) });
  ledger.take({
    at: at("2026-02-20"),
    documents: documents(policy("keys", { rotateWithin: "61d" }), retired),
  });
  expect(ledger.sumAt(at("2026-02-21")).ahead).toMatchObject([{ dueAt: at("2026-03-03") }]);
});
