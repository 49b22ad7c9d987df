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
import { at, credential, exception, incident, settings, sha256 } from "../../../testing/evaluation/world.ts";
import { digestOf } from "../../reviews/digest.ts";
import type { ReviewFact } from "../../state/review-book.ts";

const forge = settings({ forge: { kind: "github" } });
const compensated = exception("freeze", {
  credentials: ["old"],
  policy: "keys",
  compensatingControls: "access by subnet",
});
const reviewed = (fact: Partial<ReviewFact>) => ({
  books: {
    reviews: {
      schemaVersion: 1 as const,
      exceptions: {
        [digestOf(compensated.document, sha256)]: {
          document: "Exception freeze",
          verdict: "approved" as const,
          reason: "carol approved it",
          settled: true,
          at: at("2026-03-02"),
          commit: "c",
          file: "f",
          blob: "b",
          approvers: ["carol"],
          ...fact,
        },
      },
    },
  },
});

const GOVERNANCE: readonly Row[] = [
  { id: "K07", when: "nothing happened", given: [[old]], gives: "no-population 0/0 0" },
  {
    id: "K07",
    when: "it was rotated since",
    given: [[fresh], { incidents: [incident("i", "fresh", "2026-02-01")] }],
    gives: "pass 1/1 1",
  },
  {
    id: "K07",
    when: "the old version lives",
    given: [[old], { incidents: [incident("i", "old", "2026-02-01")] }],
    gives: "fail 0/1 0 i",
  },
  {
    id: "K07",
    when: "an older compromise is over and a newer one burns",
    given: [
      [fresh],
      { incidents: [incident("i", "fresh", "2026-02-01"), incident("j", "fresh", "2026-03-02")] },
    ],
    gives: "fail 1/2 1 j",
  },
  {
    id: "K07",
    when: "it was withdrawn",
    given: [
      [old],
      {
        incidents: [
          incident("i", "old", "2026-02-01", { withdrawn: { by: "a", at: at("2026-02-02"), reason: "no" } }),
        ],
      },
    ],
    gives: "no-population 0/0 0",
  },
  {
    id: "K07",
    when: "the document says so",
    given: [
      [credential("c", { compromised: { at: "2026-02-01", reportedBy: "alice", reason: "in a log" } })],
    ],
    gives: "fail 0/1 0 document of c",
  },
  {
    id: "K07",
    when: "in a period one was in time and one late",
    given: inPeriod({
      compromises: ["2026-01-05T00:00:10Z", "2026-01-05T00:00:11Z"].map((end, index) => ({
        id: `i${index}`,
        credential: "a",
        reportedAt: at("2026-01-05"),
        revokedAt: at(end),
        within: 10,
      })),
    }),
    gives: "fail 1/2 1 i1",
  },
  { id: "K15", when: "it is in order", given: [[old, keys, compensated]], gives: "pass 1/1 1" },
  {
    id: "K15",
    when: "no compensating control is named",
    given: [[old, keys, waiver]],
    gives: "fail 0/1 0 freeze",
  },
  {
    id: "K15",
    when: "people approved their own",
    given: [
      [
        old,
        keys,
        exception("freeze", { ...compensated.document.spec, approvedBy: "bob", requestedBy: "bob" }),
      ],
    ],
    gives: "fail 0/1 0 freeze",
  },
  {
    id: "K15",
    when: "it began before the approval",
    given: [[old, keys, compensated, forge], reviewed({ approvedAt: at("2026-03-02") })],
    gives: "fail 0/1 0 freeze",
  },
  { id: "K15", when: "none is in force", given: [[old, keys]], gives: "no-population 0/0 0" },
  { id: "K18", when: "there is no forge", given: [[old, keys, waiver]], gives: "not-measured" },
  {
    id: "K18",
    when: "the forge says others approved",
    given: [[old, keys, compensated, forge], reviewed({})],
    gives: "pass 1/1 1",
  },
  {
    id: "K18",
    when: "the forge says nobody else did",
    given: [[old, keys, compensated, forge], reviewed({ verdict: "self-approved" })],
    gives: "fail 0/1 0 freeze",
  },
  {
    id: "K18",
    when: "the forge was not asked",
    given: [[old, keys, compensated, forge]],
    gives: "fail 0/1 0 freeze",
  },
  { id: "K18", when: "nothing needed approval", given: [[old, keys, forge]], gives: "no-population 0/0 0" },
  {
    id: "K18",
    when: "in a period one is proven and one not",
    given: inPeriod({
      changes: [
        { id: "x", approval: "forge-review" },
        { id: "y", approval: "none" },
      ],
    }),
    gives: "fail 1/2 1 y",
  },
];

test.each(GOVERNANCE)("$id when $when", (row) => {
  expect(resultOf(row)).toEqual(row.gives);
});
