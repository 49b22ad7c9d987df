import { expect, test } from "vitest";
import {
  fresh,
  inPeriod,
  keys,
  old,
  type Row,
  resultOf,
  waiver,
} from "../../../testing/compliance/check-world.ts";
import {
  at,
  credential,
  exception,
  policy,
  rotation,
  status,
  version,
} from "../../../testing/evaluation/world.ts";

const done = rotation({
  outcome: "done",
  step: "revoke",
  confirmedAt: at("2026-03-02"),
  confirmedBy: "consumer",
});
const two = [version("2026-03-01"), version("2026-01-01")];
const rotated = (fact: Parameters<typeof rotation>[0], versions = [version("2026-03-01")]) =>
  ({ statuses: [status("one", { versions, rotation: { ...done, ...fact } })] }) as const;
const one = credential("one", { method: "automated" });

const ROTATION: readonly Row[] = [
  { id: "K01", when: "all are young", given: [[fresh, keys]], gives: "pass 1/1 1" },
  { id: "K01", when: "one is overdue", given: [[fresh, old, keys]], gives: "fail 1/2 1 old" },
  {
    id: "K01",
    when: "what is overdue is excepted",
    given: [[old, keys, waiver]],
    gives: "exception 0/1 1 old",
  },
  { id: "K01", when: "no policy matches", given: [[old]], gives: "no-population 0/0 0" },
  {
    id: "K01",
    when: "the policy has no rule about time",
    given: [[old, policy("p", {})]],
    gives: "no-population 0/0 0",
  },
  {
    id: "K01",
    when: "the age is unknown",
    given: [[old, policy("p", { renew: { beforeExpiry: "30d" } })]],
    gives: "fail 0/1 0 old",
  },
  {
    id: "K01",
    when: "it is retired",
    given: [[credential("gone", { retiredAt: "2026-02-01" }), keys]],
    gives: "no-population 0/0 0",
  },
  {
    id: "K01",
    when: "documents are missing",
    given: [[fresh, keys], {}, { leftOut: 1 }],
    gives: "not-measured",
  },
  {
    id: "K01",
    when: "documents are missing and one fails anyway",
    given: [[old, keys], {}, { leftOut: 1 }],
    gives: "fail 0/1 0 old",
  },
  { id: "K02", when: "there is no history", given: [[old, keys]], gives: "not-measured" },
  { id: "K02", when: "nothing fell due", given: inPeriod({}), gives: "no-population 0/0 0" },
  {
    id: "K02",
    when: "one was met at its second, one late, one never",
    given: inPeriod({
      dueDates: [
        { id: "a", credential: "a", dueAt: at("2026-01-05"), metAt: at("2026-01-05") },
        { id: "b", credential: "b", dueAt: at("2026-01-05"), metAt: at("2026-01-06") },
        { id: "c", credential: "c", dueAt: at("2026-01-05") },
      ],
    }),
    gives: "fail 1/3 1 b c",
  },
  { id: "K08", when: "the old version is gone", given: [[one, keys], rotated({})], gives: "pass 1/1 1" },
  {
    id: "K08",
    when: "two versions live after the end",
    given: [[one, keys], rotated({}, two)],
    gives: "fail 0/1 0 one",
  },
  {
    id: "K08",
    when: "the overlap goes on before the due date",
    given: [[one, policy("p", { rotateWithin: "90d" })], rotated({ outcome: "open" }, two)],
    gives: "no-population 0/0 0",
  },
  {
    id: "K08",
    when: "the overlap outlives the due date",
    given: [[one, keys], rotated({ outcome: "open" }, two)],
    gives: "fail 0/1 0 one",
  },
  {
    id: "K08",
    when: "the overlap outlives the due date with an exception",
    given: [
      [one, keys, exception("x", { credentials: ["one"], policy: "keys" })],
      rotated({ outcome: "open" }, two),
    ],
    gives: "exception 0/1 1 one",
  },
  {
    id: "K08",
    when: "it is parked",
    given: [[one, keys], rotated({ outcome: "parked" }, two)],
    gives: "fail 0/1 0 one",
  },
  {
    id: "K08",
    when: "it was only adopted",
    given: [[one, keys], rotated({ recipe: "adopt" })],
    gives: "no-population 0/0 0",
  },
  {
    id: "K08",
    when: "in a period one died in time and one late",
    given: inPeriod({
      rotations: ["2026-01-09", "2026-01-11", undefined].map((end, index) => ({
        id: `r${index}`,
        credential: "a",
        verified: true,
        completed: { oldEndsBy: at("2026-01-10"), ...(end === undefined ? {} : { oldEndedAt: at(end) }) },
      })),
    }),
    gives: "fail 1/3 1 r1 r2",
  },
  { id: "K09", when: "a consumer confirmed", given: [[one, keys], rotated({})], gives: "pass 1/1 1" },
  {
    id: "K09",
    when: "nothing could prove it",
    given: [[one, keys], rotated({ confirmedBy: "none" })],
    gives: "fail 0/1 0 one",
  },
  { id: "K09", when: "there was no rotation", given: [[one, keys]], gives: "no-population 0/0 0" },
  {
    id: "K09",
    when: "in a period one was not verified",
    given: inPeriod({ rotations: [{ id: "r", credential: "a", verified: false }] }),
    gives: "fail 0/1 0 r",
  },
  { id: "K11", when: "one version lives", given: [[one, keys], rotated({})], gives: "pass 1/1 1" },
  {
    id: "K11",
    when: "two live and a rotation is open",
    given: [[one, keys], rotated({ outcome: "open" }, two)],
    gives: "pass 1/1 1",
  },
  {
    id: "K11",
    when: "two live without one",
    given: [[one, keys], rotated({}, two)],
    gives: "fail 0/1 0 one",
  },
  { id: "K11", when: "nothing is on record", given: [[one, keys]], gives: "no-population 0/0 0" },
];

test.each(ROTATION)("$id when $when", (row) => {
  expect(resultOf(row)).toEqual(row.gives);
});
