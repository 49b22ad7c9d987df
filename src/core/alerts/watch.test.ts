import { describe, expect, it } from "vitest";
import { at, documents, policy, records, sha256 } from "../../testing/evaluation/world.ts";
import { evaluate } from "../evaluate/evaluate.ts";
import type { AlertBook, Watch } from "../state/alert-book.ts";
import { noteGap } from "./gap.ts";
import { isAskedToday, noteWatch } from "./watch.ts";

const NOW = at("2026-03-02T09:00:00Z");
const EMPTY: AlertBook = { schemaVersion: 1 };
const LACK = { reference: "PG_ADMIN", usedBy: "the connection orders" };

function findings(watch: Watch, now = NOW, failing: AlertBook["failing"] = {}) {
  const state = { ...records({}), books: { alerts: { ...EMPTY, watch, failing } } };
  const input = {
    documents: documents(policy("keys", { rotateWithin: "60d" })),
    state,
    now,
    commit: "c",
    sha256,
  };
  return evaluate(input).findings.map(({ code, level, facts }) => ({ code, level, facts }));
}

describe("what runs record of the enforcer", () => {
  it("is each runner's own for its zone, and the same book when nothing changed", () => {
    const aws = noteWatch(EMPTY, { zone: "aws", absent: [LACK], forge: undefined }, NOW);
    const both = noteWatch(aws, { zone: undefined, absent: [LACK], forge: undefined }, NOW);
    expect(both.watch?.absent).toEqual({ "-": [LACK], aws: [LACK] });
    expect(noteWatch(both, { zone: "aws", absent: [LACK], forge: undefined }, NOW)).toBe(both);
    expect(noteWatch(both, { zone: "aws", absent: [], forge: undefined }, NOW).watch?.absent).toEqual({
      "-": [LACK],
    });
    expect(noteWatch(both, { zone: "aws", absent: undefined, forge: undefined }, NOW)).toBe(both);
  });

  it("is the same book in whatever order the file has it", () => {
    const book: AlertBook = { ...EMPTY, watch: { absent: { "-": [LACK] }, asked: NOW } };
    expect(noteWatch(book, { zone: undefined, absent: [{ ...LACK }], forge: undefined }, NOW)).toBe(book);
  });

  it("is what the forge says, once a day, and nothing of it when there is no forge any more", () => {
    const schedules = [
      { workflow: "a.yml", state: "disabled" as const, detail: "inactivity" },
      { workflow: "b.yml", state: "active" as const, detail: "" },
    ];
    const sight = { zone: undefined, absent: undefined };
    const asked = noteWatch(EMPTY, { ...sight, forge: { schedules, tokenEnds: NOW } }, NOW);
    expect(asked.watch).toEqual({
      asked: NOW,
      disabled: [{ workflow: "a.yml", detail: "inactivity" }],
      tokenEnds: NOW,
    });
    expect([isAskedToday(asked, at("2026-03-02T23:59:59Z")), isAskedToday(asked, at("2026-03-03"))]).toEqual([
      true,
      false,
    ]);
    expect(noteWatch(asked, { ...sight, forge: "none" }, NOW).watch).toEqual({});
  });

  it("has a time without runs once, and the newest five", () => {
    const gap = (day: number) => ({
      since: at(`2026-02-0${day}`),
      until: at(`2026-02-0${day + 1}`),
      every: "6h",
    });
    let book = EMPTY;
    for (const day of [1, 2, 3, 4, 5, 6, 6]) book = noteGap(book, gap(day));
    expect(book.watch?.gaps?.map(({ since }) => since.slice(8, 10))).toEqual(["02", "03", "04", "05", "06"]);
  });
});

describe("findings about the enforcer", () => {
  it.each([
    ["2026-03-16T09:00:01Z", []],
    ["2026-03-16T09:00:00Z", ["warning 14"]],
    ["2026-03-09T09:00:00Z", ["warning 7"]],
    ["2026-03-03T09:00:00Z", ["critical 1"]],
    ["2026-03-02T09:00:00Z", ["critical 0"]],
  ])("tell of a token that ends at %s", (tokenEnds, expected) => {
    expect(
      findings({ tokenEnds: at(tokenEnds) }).map(({ level, facts }) => `${level} ${facts["within"]}`),
    ).toEqual(expected);
  });

  it("tell of a time without runs for two days", () => {
    const gaps = [{ since: at("2026-02-01"), until: at("2026-02-28T09:00:00Z"), every: "6h" }];
    expect([findings({ gaps }, at("2026-03-02T08:59:59Z")).length, findings({ gaps }).length]).toEqual([
      1, 0,
    ]);
  });

  it("tell of a disabled schedule, a secret that is lacking, and who cannot be told, from the third run on", () => {
    const watch = { disabled: [{ workflow: "a.yml", detail: "inactivity" }], absent: { "-": [LACK] } };
    const failing = {
      sec: { runs: 3, since: NOW, reason: "no answer" },
      page: { runs: 2, since: NOW, reason: "no answer" },
    };
    expect(findings(watch, NOW, failing)).toEqual([
      {
        code: "channel-failing",
        level: "critical",
        facts: { destination: "sec", since: NOW, reason: "no answer" },
      },
      { code: "schedule-disabled", level: "critical", facts: { workflow: "a.yml", detail: "inactivity" } },
      { code: "secret-absent", level: "critical", facts: { ...LACK, zone: "-" } },
    ]);
  });
});
