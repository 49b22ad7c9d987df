import { expect, test } from "vitest";
import { NO_PERIOD, old, type Row, resultOf } from "../../../testing/compliance/check-world.ts";
import { at, settings, sha256 } from "../../../testing/evaluation/world.ts";
import { seal } from "../../audit/seal.ts";
import { verifyTrail } from "../../audit/verify.ts";

const entries = seal(
  [
    { time: at("2026-01-01"), event: "run" },
    { time: at("2026-01-02"), event: "step.done", credential: "old" },
    { time: at("2026-01-01"), event: "step.done" },
  ],
  undefined,
  { run: "run-1", actor: "alice" },
  sha256,
);
const segment = (lines: readonly string[]) => [{ path: "audit/2026/01/000000000001-run-1.jsonl", lines }];
const lines = entries.map((entry) => JSON.stringify(entry, Object.keys(entry).toSorted()));
const trail = { verdict: verifyTrail(segment(lines), sha256), entries };
const edited = {
  verdict: verifyTrail(segment(lines.map((line) => line.replace("old", "new"))), sha256),
  entries,
};
const cut = {
  verdict: verifyTrail(segment(lines), sha256, undefined, [{ hash: "a".repeat(64), where: "commit 1" }]),
  entries,
};

const TRAIL: readonly Row[] = [
  { id: "K16", when: "nobody read it", given: [[old]], gives: "not-measured" },
  {
    id: "K16",
    when: "it cannot be verified here",
    given: [[], {}, { trail: "The clone is shallow." }],
    gives: "not-measured",
  },
  { id: "K16", when: "it is whole", given: [[], {}, { trail }], gives: "pass 3/3 3" },
  {
    id: "K16",
    when: "an entry was edited",
    given: [[], {}, { trail: edited }],
    gives: "fail 2/3 2 audit/2026/01/000000000001-run-1.jsonl:2",
  },
  {
    id: "K16",
    when: "a head is missing",
    given: [[], {}, { trail: cut }],
    gives: expect.stringMatching(/^fail 3\/4 3 head-missing /),
  },
  {
    id: "K16",
    when: "there is no entry",
    given: [[], {}, { trail: { verdict: verifyTrail([], sha256), entries: [] } }],
    gives: "no-population 0/0 0",
  },
  {
    id: "K17",
    when: "an entry names no credential",
    given: [[], {}, { trail }],
    gives: "fail 2/3 2 3: entry 3",
  },
  {
    id: "K17",
    when: "all say enough",
    given: [[], {}, { trail: { ...trail, entries: entries.slice(0, 2) } }],
    gives: "pass 2/2 2",
  },
  { id: "K17", when: "nobody read it", given: [[old]], gives: "not-measured" },
  { id: "K23", when: "no run is on record", given: [[old]], gives: "not-measured" },
  {
    id: "K23",
    when: "the newest entry is young",
    given: [[old], { audited: "2026-03-14T12:00:00Z" }],
    gives: "pass 1/1 1",
  },
  {
    id: "K23",
    when: "it is older than twice the schedule",
    given: [[old], { audited: "2026-03-14T11:59:59Z" }],
    gives: "fail 0/1 0 newest entry",
  },
  {
    id: "K23",
    when: "in a period a stretch is empty",
    given: [
      [settings({ schedule: { every: "12h" } })],
      {},
      { trail, period: { ...NO_PERIOD, to: at("2026-01-04") } },
    ],
    gives: "fail 2/3 2 2026-01-03T00:00:00Z",
  },
  {
    id: "K25",
    when: "nothing was found",
    given: [[], {}, { scan: { documents: 4, found: [] } }],
    gives: "pass 4/4 4",
  },
  {
    id: "K25",
    when: "a value was found",
    given: [[], {}, { scan: { documents: 4, found: ["registry/a.yaml:3"] } }],
    gives: "fail 4/5 4 registry/a.yaml:3",
  },
  { id: "K25", when: "nobody searched", given: [[]], gives: "not-measured" },
];

test.each(TRAIL)("$id when $when", (row) => {
  expect(resultOf(row)).toEqual(row.gives);
});
