import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluated, worlds } from "../../testing/evaluation/any-world.ts";
import {
  at,
  credential,
  documents,
  exception,
  policy,
  records,
  settings,
  sha256,
} from "../../testing/evaluation/world.ts";
import { BROKEN, NOW, RECORDS, sampleReport, WORLD } from "../../testing/report/sample-report.ts";
import { evaluationReport } from "../evaluate/evaluation-report.ts";
import { digestOf } from "../reviews/digest.ts";
import type { ReviewBook, ReviewFact } from "../state/review-book.ts";
import { reportModel } from "./report-model.ts";
import { ReportModel } from "./report-schema.ts";

const FORGE = settings({ forge: { kind: "github" } });

const validate = new Ajv({ strict: false }).compile(JSON.parse(JSON.stringify(ReportModel)));

function rowOf(model: ReportModel, name: string): ReportModel["credentials"][number] {
  const row = model.credentials.find((credential) => credential.name === name);
  if (row === undefined) throw new Error(`no ${name}`);
  return row;
}

test("fits its published schema, whatever is registered and recorded", () => {
  for (const model of [sampleReport(), sampleReport([], {})]) {
    validate(JSON.parse(JSON.stringify(model)));
    expect(validate.errors).toBeNull();
  }
});

test("the same documents give the same bytes, in whatever order they are read", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...WORLD], { minLength: WORLD.length }), (shuffled) => {
      expect(JSON.stringify(sampleReport(shuffled))).toBe(JSON.stringify(sampleReport()));
    }),
    { numRuns: 20 },
  );
});

test("its numbers are those of the evaluation, in every world", () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const evaluation = evaluated(world);
      const model = reportModel({
        evaluation,
        documents: documents(...world.credentials, ...world.policies, ...world.exceptions),
        state: records(world),
        chain: { verdict: { ...BROKEN, ok: true, faults: [] }, comparedWithCommits: true },
        clock: "present",
        repository: undefined,
        differs: undefined,
        invalidDocuments: 0,
        sha256,
      });
      const { summary, findings } = evaluationReport(evaluation);
      const { scorecard, population } = model;
      const { strict, adjusted, states, types, services, teams } = scorecard;
      expect(strict.fraction).toBe(summary.compliance.strict);
      expect(adjusted.fraction).toBe(summary.compliance.adjusted);
      expect(strict.denominator).toBe(summary.credentials - states.retired);
      expect(population).toMatchObject({ credentials: summary.credentials, findings: findings.length });
      for (const groups of [types, services, teams]) {
        expect(groups.reduce((sum, group) => sum + group.strict.numerator, 0)).toBe(strict.numerator);
        expect(groups.reduce((sum, group) => sum + group.credentials, 0)).toBe(summary.credentials);
      }
    }),
    { numRuns: 50 },
  );
});

test("a row says what an auditor asks", () => {
  const model = sampleReport();
  expect(rowOf(model, "database")).toMatchObject({
    method: "automated",
    provider: "postgresql",
    lastRotatedAt: "2026-02-20T00:00:00Z",
    lastRotatedSource: "creation of the oldest live version v-2026-02-20",
    dueAt: "2026-04-21T00:00:00Z",
    daysUntilDue: 41,
    arithmetic: expect.stringContaining("+ rotateWithin 60d ="),
    policy: "databases",
    consumers: [{ delivery: "webhook", consumer: "orders-api" }],
    versions: [
      { handle: "v-2026-01-01", live: false },
      { handle: "v-2026-02-20", live: true },
    ],
    access: [],
  });
  expect(rowOf(model, "unmatched")).toMatchObject({
    dueAt: null,
    policy: null,
    endpoints: ["www.example.com:443"],
  });
  expect(model.rotations).toMatchObject([
    { credential: "database", step: "deactivate", stands: "waiting", until: "2026-03-12T00:00:00Z" },
  ]);
});

test("the register tells which exceptions count, and whose do not", () => {
  expect(sampleReport().exceptions).toMatchObject([
    { name: "season", covers: 1, waives: 1, counts: true, declaredApprover: "carol", phase: "running" },
    { name: "self", covers: 1, waives: 0, counts: false, why: "bob approved their own request" },
  ]);
});

test("where a forge has reviews, the register says who approved what, and when", () => {
  const waiver = exception("season", { credentials: ["waived"], policy: "keys" });
  const digest = digestOf(waiver.document, sha256);
  const fact: ReviewFact = {
    document: "Exception season",
    verdict: "approved",
    reason: "dora approved it",
    settled: true,
    at: at("2026-03-01"),
    commit: "c".repeat(40),
    file: waiver.file,
    blob: "b".repeat(40),
    change: { number: 7, url: "https://github.com/acme/credentials/pull/7", author: "bob" },
    approvers: ["dora"],
    approvedAt: at("2026-02-28"),
  };
  const all = [...WORLD.filter(({ document }) => document.kind !== "Exception"), waiver, FORGE];
  const reviews: ReviewBook = { schemaVersion: 1, exceptions: { [digest]: fact } };
  expect(sampleReport(all, { books: { reviews } }).exceptions).toMatchObject([
    {
      counts: true,
      verdict: "approved",
      approvers: ["dora"],
      approvedAt: "2026-02-28T00:00:00Z",
      change: "https://github.com/acme/credentials/pull/7",
    },
  ]);
  expect(sampleReport(all, {}).exceptions).toMatchObject([{ counts: false, verdict: null, approvers: [] }]);
});

test("compromises of documents and of commands are listed, also when they are over", () => {
  expect(sampleReport().incidents).toMatchObject([
    { credential: "active", standing: "over" },
    { credential: "leaked", standing: "open", id: "registry/leaked.yaml:1" },
  ]);
});

test("each due date of the next 90 days is in one span", () => {
  const due = (name: string, rotatedAt: string) => credential(name, { rotatedAt });
  const all = [
    policy("keys", { match: { types: ["api-key"] }, rotateWithin: "60d" }),
    due("past", "2026-01-09"),
    due("soon", "2026-02-01"),
    due("later", "2026-03-10"),
  ];
  const { timeline } = sampleReport(all, {});
  expect(timeline.spans.map(({ span, credentials }) => `${span} ${credentials}`)).toEqual([
    "overdue 1",
    "0-30 1",
    "31-60 1",
    "61-90 0",
  ]);
});

describe("before the first number stands", () => {
  test("that the audit chain is broken, and where", () => {
    const model = sampleReport(WORLD, RECORDS, { chain: { verdict: BROKEN, comparedWithCommits: true } });
    expect(model.health.chain).toMatchObject({ verdict: "broken", faults: 1 });
    expect(model.identity.warnings[0]).toMatch(
      /^The audit chain is broken: 1 fault; .*audit\/2026\/03.*entry 2/,
    );
  });

  test("that it asks what if", () => {
    const { identity } = sampleReport(WORLD, RECORDS, { clock: "what-if" });
    expect(identity.warnings).toEqual([
      expect.stringMatching(new RegExp(`^What if: .*${NOW}.* no evidence\\.$`)),
    ]);
    expect(sampleReport(WORLD, RECORDS, { clock: "as-of" }).identity.warnings).toEqual([]);
  });

  test("that documents are left out, records cannot be read, no run came, or nothing was recorded", () => {
    const model = sampleReport(
      WORLD,
      { audited: "2026-03-01" },
      {
        invalidDocuments: 2,
        chain: { verdict: { ...BROKEN, ok: true, faults: [], head: undefined }, comparedWithCommits: false },
        differs: "changes that are not committed",
      },
    );
    expect(model.identity.warnings).toEqual([
      expect.stringContaining("2 problems in documents"),
      expect.stringContaining("No run was recorded since 2026-03-01T00:00:00Z"),
      expect.stringContaining("lacks the older commits"),
      expect.stringContaining("work tree"),
    ]);
    expect(model.health.late).toBe(true);
  });
});

test("no population is no percentage", () => {
  const { scorecard, population } = sampleReport([], {});
  expect(scorecard.strict).toEqual({ numerator: 0, denominator: 0, fraction: null });
  expect(population.credentials).toBe(0);
});

test("without policies nothing is compliant", () => {
  const { scorecard } = sampleReport([credential("lonely")], {});
  expect(scorecard.strict).toEqual({ numerator: 0, denominator: 1, fraction: 0 });
});

test("a selection narrows every list down, and says so", () => {
  const selection = { names: new Set(["waived"]), words: "--only waived" };
  const { identity, population, exceptions, findings } = sampleReport(WORLD, RECORDS, { selection });
  expect(identity.selection).toBe("--only waived");
  expect(population).toMatchObject({ credentials: 1, rotations: 0, incidents: 0 });
  expect(exceptions.map(({ name }) => name)).toEqual(["season"]);
  expect(new Set(findings.map(({ credential: name }) => name))).toEqual(new Set(["waived"]));
});

test("two hundred exceptions on one credential are two hundred rows, and one list at it", () => {
  const many = Array.from({ length: 200 }, (_, at) =>
    exception(`waiver-${at}`, { credentials: ["overdue"], policy: "keys" }),
  );
  const model = sampleReport([...WORLD, ...many]);
  expect(model.population.exceptions).toBe(202);
  expect(rowOf(model, "overdue").exceptions).toHaveLength(201);
});
