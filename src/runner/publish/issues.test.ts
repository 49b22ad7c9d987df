import { expect, test } from "vitest";
import { askForDay } from "../../app/acting/ask-for-day.ts";
import { CreError, EffectError } from "../../core/model/errors.ts";
import type { Forge } from "../../core/ports/forge.ts";
import type { Books } from "../../core/state/books.ts";
import type { StateFacts } from "../../core/state/facts.ts";
import { credential, incident, policy, records } from "../../testing/evaluation/world.ts";
import { issueBench, peopleAt, worldOf } from "../../testing/issues/issue-bench.ts";
import type { Errand } from "../assign.ts";
import type { People } from "../ports.ts";
import type { Draft, Publication } from "../publication.ts";
import { publishIssues } from "./issues.ts";

const { signal } = new AbortController();
const KEYS = policy("keys", { match: { types: ["api-key"] }, rotateWithin: "60d" });

/** A state branch that keeps what is pushed; its first push may be rejected. */
function branch(state: Partial<StateFacts> = {}) {
  const kept = {
    state: { ...records({}), ...state },
    pushes: [] as Draft[],
    rejections: 0,
    push: async (draft: Draft) => {
      if (kept.rejections > 0) {
        kept.rejections -= 1;
        return false;
      }
      kept.pushes.push(draft);
      const books: Books = { ...kept.state.books, ...draft.books };
      kept.state = { ...kept.state, books };
      return true;
    },
    refresh: async () => undefined,
  };
  return kept;
}

function bench() {
  const made = issueBench("2026-03-10T08:00:00Z", KEYS, credential("orders", { rotatedAt: "2026-01-01" }));
  const tip = branch();
  const run = async (errand: Errand = {}, people: People = peopleAt(made.forge)) =>
    // `as`: issues use no more of a publication than this.
    publishIssues(worldOf(made), tip as unknown as Publication, people, errand, signal);
  return { ...made, made, tip, run };
}

const failing: Partial<Forge> = {
  createIssue: async () => {
    throw new EffectError("refused", "forbidden", "github.com/acme: may not open an issue", {
      fix: "give it the right",
    });
  },
};

test("what was done is committed once, on the newest tip; nothing where nothing was done", async () => {
  const { run, tip, made } = bench();
  tip.rejections = 1;
  expect(await run()).toEqual([{ level: "info", text: "issues: 2 opened, 2 updated, 1 proposed" }]);
  expect(tip.pushes.map(({ subject, events }) => [subject, events])).toEqual([["issues: kept", []]]);
  expect(Object.keys(tip.state.books?.issues?.issues ?? {})).toEqual(
    expect.arrayContaining(["dashboard", expect.stringMatching(/^finding /)]),
  );
  made.book = tip.state.books?.issues ?? made.book;
  expect(await run()).toEqual([]);
  expect(tip.pushes).toHaveLength(1);
});

test("without a forge there is nothing to do and nothing to say", async () => {
  const { run, tip } = bench();
  expect(await run({}, peopleAt(undefined))).toEqual([]);
  expect(tip.pushes).toEqual([]);
});

test("a forge that fails is a warning, after three runs in a row an error, and forgotten when it works again", async () => {
  const { run, forge, tip } = bench();
  const broken = peopleAt({ ...forge, ...failing });
  const levels: (string | undefined)[] = [];
  for (let count = 0; count < 4; count += 1) levels.push((await run({}, broken)).at(-1)?.level);
  expect(levels).toEqual(["warning", "warning", "error", "error"]);
  // It is written down until it counts, not at each run for ever.
  expect(tip.pushes).toHaveLength(3);
  await run();
  expect(tip.state.books?.issues).not.toHaveProperty("failedRuns");
});

test("a forge that cannot be reached at all counts as well", async () => {
  const { run, tip } = bench();
  const people: People = {
    ...peopleAt(undefined),
    forge: async () => {
      throw new EffectError("unknown", "unreachable", "github.com does not answer");
    },
  };
  expect(await run({}, people)).toEqual([{ level: "warning", text: "issues: github.com does not answer" }]);
  expect(tip.state.books?.issues?.failedRuns).toBe(1);
});

test("a run about one credential tells its emergency at once, and nothing of the others", async () => {
  const { run, made } = bench();
  made.all = [...made.all, credential("leaked", { rotatedAt: "2026-03-01" })];
  made.state = { incidents: [incident("i1", "leaked", "2026-03-09T03:00:00Z")] };
  await run({ only: new Set(["orders"]) });
  expect(made.forge.all).toEqual([]);
  await run({ only: new Set(["leaked"]) });
  expect(made.forge.all.map(({ title }) => title)).toEqual(["leaked: compromised"]);
});

test("a book that cannot be read is not guessed at: nothing is asked of the forge, and the run has failed", async () => {
  const made = issueBench("2026-03-10T08:00:00Z", KEYS, credential("orders", { rotatedAt: "2026-01-01" }));
  const unreadable = [{ path: "registry/status/_issues.json", problem: "no JSON" }];
  const publication = branch({ unreadable }) as unknown as Publication;
  const lines = await publishIssues(worldOf(made), publication, peopleAt(made.forge), {}, signal);
  expect(lines).toEqual([expect.objectContaining({ level: "error" })]);
  expect(made.forge.writes).toEqual([]);
});

test("a forge that lets no runner open pull requests is told of once in a run, and is no failure", async () => {
  const { run, forge, tip, made } = bench();
  made.all = [...made.all, credential("other", { rotatedAt: "2026-01-01" })];
  const propose = async () => {
    throw new EffectError("refused", "forbidden", "github.com/acme: may not open a pull request");
  };
  const lines = await run({}, peopleAt({ ...forge, propose }));
  expect(lines.filter(({ level }) => level === "warning")).toHaveLength(1);
  expect(tip.state.books?.issues).not.toHaveProperty("failedRuns");
  expect(forge.open(/^payments|cre rotated/)).toHaveLength(2);
});

test("one document for which nothing can be proposed keeps the others from nothing, and is told once in a run", async () => {
  const { run, forge, made } = bench();
  made.all = [...made.all, credential("another", { rotatedAt: "2025-12-01" })];
  const people = peopleAt(forge);
  const lines = await run(
    {},
    {
      ...people,
      askForDay: (file, document) => {
        if (document.metadata.name !== "another") return askForDay(file, document);
        throw new CreError("not-editable", "another cannot be edited");
      },
    },
  );
  expect(forge.proposals.map(({ title }) => title)).toEqual(["orders: write down its rotation"]);
  expect(lines.filter(({ level }) => level === "warning")).toHaveLength(1);
});

test("a forge that drops labels is not flooded: what it does not list is opened twice more, and people are told", async () => {
  const { run, forge } = bench();
  const blind = peopleAt({
    ...forge,
    createIssue: async (draft, until) => forge.createIssue({ ...draft, labels: [] }, until),
  });
  const levels: (string | undefined)[] = [];
  for (let count = 0; count < 6; count += 1) levels.push((await run({}, blind)).at(-1)?.level);
  expect(levels).toEqual(["warning", "warning", "error", undefined, undefined, undefined]);
  expect(forge.all).toHaveLength(6);
});

test("a rotation that was written down while the run went on is not proposed away", async () => {
  const { forge, made, tip } = bench();
  const { all } = made;
  const world = worldOf(made);
  const merged = worldOf({
    ...made,
    all: [...all.slice(0, 1), credential("orders", { rotatedAt: "2026-03-10" })],
  });
  const ports = { ...world.ports, store: { ...world.ports.store, fetchInputs: async () => merged.inputs } };
  // `as`: issues use no more of a publication than this.
  await publishIssues({ ...world, ports }, tip as unknown as Publication, peopleAt(forge), {}, signal);
  expect(forge.open(/^orders: rotation overdue/)).toHaveLength(1);
  expect(forge.proposals).toEqual([]);
});
