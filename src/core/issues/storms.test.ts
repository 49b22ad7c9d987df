import { expect, test } from "vitest";
import {
  credential,
  documents,
  evaluateAt,
  policy,
  records,
  settings,
  sha256,
} from "../../testing/evaluation/world.ts";
import { issueBench } from "../../testing/issues/issue-bench.ts";
import { planIssues } from "./plan-issues.ts";

const KEYS = policy("keys", { match: { types: ["api-key"] }, rotateWithin: "60d" });
const NOW = "2026-03-10T08:00:00Z";
const LIMIT = settings({ forge: { kind: "github" }, issues: { perOwner: 4 } });

function overdue(count: number, team = "payments") {
  return Array.from({ length: count }, (_, at) =>
    credential(`${team}-${at + 1}`, { method: "delegated", owner: { team, contact: "x@example.com" } }),
  );
}

function findingIssues(bench: ReturnType<typeof issueBench>) {
  return bench.forge.open(/cre:finding/);
}

test("an owner with more violations than the limit has one digest, and the same run again writes nothing", async () => {
  const bench = issueBench(NOW, KEYS, LIMIT, ...overdue(5), ...overdue(2, "web"));
  await bench.run();
  expect(bench.forge.open(/cre:digest/).map(({ title }) => title)).toEqual([
    "Digest: violations of payments",
  ]);
  expect(findingIssues(bench).map(({ title }) => title.split(":")[0])).toEqual(["web-1", "web-2"]);
  expect(bench.forge.open(/dashboard/)[0]?.body).toMatch(
    /\| critical \| 5 violations of `payments` \|[^\n]*#2/,
  );
  await bench.run();
  expect(bench.writes).toEqual([]);
});

test("issues that are open when the storm comes point at the digest; they come back below half of the limit", async () => {
  const bench = issueBench(NOW, KEYS, LIMIT, ...overdue(3));
  await bench.run();
  const singles = findingIssues(bench).map(({ number }) => number);
  expect(singles).toHaveLength(3);
  bench.all = [KEYS, LIMIT, ...overdue(5)];
  await bench.run();
  expect(findingIssues(bench)).toEqual([]);
  const digest = bench.forge.open(/cre:digest/)[0]?.number ?? 0;
  expect(bench.forge.comments.get(singles[0] ?? 0)?.[0]).toContain(
    `so many violations that the digest #${digest} tells them all`,
  );
  // Not fewer than half: it stays a digest.
  bench.all = [KEYS, LIMIT, ...overdue(2)];
  await bench.run();
  expect([findingIssues(bench).length, bench.forge.open(/cre:digest/).length]).toEqual([0, 1]);
  bench.all = [KEYS, LIMIT, ...overdue(1)];
  await bench.run();
  expect(findingIssues(bench).map(({ number }) => number)).toEqual([singles[0]]);
  expect(bench.forge.comments.get(digest)).toEqual([
    "The storm is over: what is left is told by issues of its own.",
  ]);
  await bench.run();
  expect(bench.writes).toEqual([]);
});

test("a storm is not over because a document is invalid, and what is missing in it not told one by one", async () => {
  const bench = issueBench(NOW, KEYS, LIMIT, ...overdue(5));
  await bench.run();
  bench.all = [KEYS, LIMIT, ...overdue(1)];
  await bench.run({ of: "valid-documents", problems: 1 });
  expect(findingIssues(bench)).toEqual([]);
  expect(bench.forge.open(/cre:digest/)).toHaveLength(1);
});

test("who opens an issue again that the digest tells has it open", async () => {
  const bench = issueBench(NOW, KEYS, LIMIT, ...overdue(1));
  await bench.run();
  const number = findingIssues(bench)[0]?.number ?? 0;
  bench.all = [KEYS, LIMIT, ...overdue(5)];
  await bench.run();
  bench.forge.person.reopen(number);
  await bench.run();
  expect(bench.writes).toEqual([]);
});

test("an emergency has an issue of its own in the middle of a storm", async () => {
  const burnt = { compromised: { at: "2026-03-09T03:00:00Z", reportedBy: "alice", reason: "in a log" } };
  const bench = issueBench(NOW, KEYS, LIMIT, ...overdue(9), credential("leaked", burnt));
  await bench.run();
  expect(findingIssues(bench).map(({ title }) => title)).toEqual(["leaked: compromised"]);
});

test("a run writes sixty times at most, the most urgent first, and the next ones go on", async () => {
  const teams = Array.from({ length: 40 }, (_, at) => overdue(2, `team-${at}`)).flat();
  const soon = credential("soon", {
    rotatedAt: "2026-01-20",
    owner: { team: "soon", contact: "x@example.com" },
  });
  const burnt = credential("burnt", {
    owner: { team: "burnt", contact: "x@example.com" },
    rotatedAt: "2026-03-01",
    compromised: { at: "2026-03-09T03:00:00Z", reportedBy: "alice", reason: "in a log" },
  });
  const bench = issueBench(NOW, KEYS, soon, burnt, ...teams);
  const lines = await bench.run();
  expect(bench.writes).toHaveLength(60);
  expect(bench.forge.all.slice(0, 2).map(({ title }) => title)).toEqual([
    "Credential dashboard",
    "burnt: compromised",
  ]);
  expect(lines[0]?.text).toMatch(/^issues: 59 opened, 1 updated, \d+ left to the next runs$/);
  expect(bench.forge.open(/soon/)).toEqual([]);
  await bench.run();
  expect(findingIssues(bench)).toHaveLength(82);
  await bench.run();
  expect(bench.writes).toEqual([]);
});

test("a forge that asks for patience is left alone for this run, with one warning", async () => {
  const bench = issueBench(NOW, KEYS, ...overdue(9));
  bench.forge.throttledIn = 4;
  const lines = await bench.run();
  expect(lines.filter(({ level }) => level === "warning")).toHaveLength(1);
  expect(findingIssues(bench)).toHaveLength(3);
  bench.forge.throttledIn = undefined;
  await bench.run();
  expect(findingIssues(bench)).toHaveLength(9);
});

test("ten thousand failing credentials are planned within a second: a digest for each owner", () => {
  const all = [KEYS, ...Array.from({ length: 20 }, (_, at) => overdue(500, `team-${at}`)).flat()];
  const evaluation = evaluateAt(NOW, all);
  const before = process.cpuUsage();
  const { actions } = planIssues(
    {
      evaluation,
      documents: documents(...all),
      state: records({}),
      sha256,
      book: { schemaVersion: 1 },
      issues: [],
      login: "cre-bot",
      fileUrl: (path) => `https://forge.example/${path}`,
      scope: { of: "everything" },
      canPropose: true,
    },
    60,
  );
  // Of the processor: other tests run beside it.
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(1);
  expect(evaluation.findings).toHaveLength(10_000);
  expect(actions).toHaveLength(21);
});
