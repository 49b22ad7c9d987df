import { expect, test } from "vitest";
import { fresh, keys, old, type Row, resultOf } from "../../../testing/compliance/check-world.ts";
import { at, credential, policy, settings } from "../../../testing/evaluation/world.ts";

const declared = credential(
  "declared",
  { access: [{ principal: "shop", kind: "service", purpose: "orders" }] },
  { labels: { environment: "production" } },
);
const basis = { reason: "risk analysis", reference: "RA-1", reviewedAt: "2026-01-01" };
const seen = {
  sources: [{ name: "aws", within: 86_400, scannedAt: at("2026-03-14") }],
  matched: ["a"],
  unmanaged: [],
};

const INVENTORY: readonly Row[] = [
  { id: "K03", when: "nobody discovered", given: [[old]], gives: "not-measured" },
  { id: "K03", when: "all is registered", given: [[], {}, { discovery: seen }], gives: "pass 1/1 1" },
  {
    id: "K03",
    when: "one is not",
    given: [[], {}, { discovery: { ...seen, unmanaged: ["AKIA1"] } }],
    gives: "fail 1/2 1 unmanaged AKIA1",
  },
  { id: "K04", when: "nobody discovered", given: [[old]], gives: "not-measured" },
  { id: "K04", when: "the look is young", given: [[], {}, { discovery: seen }], gives: "pass 1/1 1" },
  {
    id: "K04",
    when: "no source is declared",
    given: [[], {}, { discovery: { ...seen, sources: [] } }],
    gives: "no-population 0/0 0",
  },
  {
    id: "K04",
    when: "one look is old, one never succeeded",
    given: [
      [],
      {},
      {
        discovery: {
          ...seen,
          sources: [
            { name: "a", within: 60, scannedAt: at("2026-03-14") },
            { name: "b", within: 60 },
          ],
        },
      },
    ],
    gives: "fail 0/2 0 a b",
  },
  { id: "K05", when: "all is declared", given: [[declared]], gives: "pass 1/1 1" },
  { id: "K05", when: "access or environment is not", given: [[declared, fresh]], gives: "fail 1/2 1 fresh" },
  {
    id: "K05",
    when: "a label of the settings is missing",
    given: [[declared, settings({ labels: { scope: { required: true } } })]],
    gives: "fail 0/1 0 declared",
  },
  { id: "K05", when: "nothing is registered", given: [[]], gives: "no-population 0/0 0" },
  {
    id: "K06",
    when: "the policy has a basis",
    given: [[fresh, policy("p", { rotateWithin: "30d", basis })]],
    gives: "pass 1/1 1",
  },
  { id: "K06", when: "it has none, or none matches", given: [[fresh, keys]], gives: "fail 0/1 0 fresh" },
  { id: "K06R", when: "the review is young", given: [[fresh, policy("p", { basis })]], gives: "pass 1/1 1" },
  {
    id: "K06R",
    when: "it is older than a year",
    given: [[fresh, policy("p", { basis: { ...basis, reviewedAt: "2025-03-14" } })]],
    gives: "fail 0/1 0 fresh",
  },
  {
    id: "K06R",
    when: "it is of exactly 365 days",
    given: [[fresh, policy("p", { basis: { ...basis, reviewedAt: "2025-03-15" } })]],
    gives: "pass 1/1 1",
  },
  { id: "K06R", when: "no policy matches", given: [[fresh]], gives: "no-population 0/0 0" },
  { id: "K10", when: "nothing tells of use", given: [[fresh]], gives: "not-measured" },
  {
    id: "K10",
    when: "one is in use, one not, one unknown",
    given: [
      [fresh, old, declared],
      {},
      {
        usage: {
          days: 45,
          lastUsed: new Map([
            ["fresh", at("2026-03-01")],
            ["old", at("2026-01-01")],
          ]),
        },
      },
    ],
    gives: "fail 1/2 1 old",
  },
  ...["K19", "K20", "K21", "K22", "K24"].map((id) => ({
    id,
    when: "nobody collects it",
    given: [[fresh, keys]] as const,
    gives: "not-measured",
  })),
];

test.each(INVENTORY)("$id when $when", (row) => {
  expect(resultOf(row)).toEqual(row.gives);
});
