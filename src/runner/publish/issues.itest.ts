import { expect, test } from "vitest";
import type { Sourced } from "../../core/documents/kinds.ts";
import type { IssueBook } from "../../core/state/issue-book.ts";
import { credential, policy, settings } from "../../testing/evaluation/world.ts";
import { peopleAt, worldOf } from "../../testing/issues/issue-bench.ts";
import { FORGE_REPOSITORY, type ForgeBench, withForge } from "../../testing/suites/forge-bench.ts";
import type { World } from "../world.ts";
import { keepIssues } from "./issue-desk.ts";

const { signal } = new AbortController();
const KEYS = policy("keys", { match: { types: ["api-key"] }, rotateWithin: "60d" });
const TEAMS = settings({ forge: { kind: "github" }, teams: { payments: { github: "paula" } } });
const NOW = "2026-03-10T08:00:00Z";

function world(...all: readonly Sourced[]): World {
  return worldOf({ now: NOW, all, snoozes: new Map(), state: {} });
}

/** Runs one after the other; gives how often each wrote. */
function runs({ forge, github }: ForgeBench) {
  const made = {
    book: { schemaVersion: 1 } as IssueBook,
    run: async (of: World): Promise<number> => {
      const before = github.limits.writes();
      const desk = await keepIssues(
        of,
        peopleAt(forge),
        forge,
        { scope: { of: "everything" }, book: made.book },
        signal,
      );
      expect(desk.lines.filter(({ level }) => level !== "info")).toEqual([]);
      made.book = desk.book;
      return github.limits.writes() - before;
    },
  };
  return made;
}

test("a violation on GitHub: opened and assigned, proposed, closed by a person, opened again, healed, closed", async () => {
  const overdue = credential("orders", { rotatedAt: "2026-01-01" });
  const files = { [overdue.file]: `${JSON.stringify(overdue.document, null, 2)}\n` };
  await withForge(
    async (bench) => {
      const { forge, github, repository } = bench;
      const paula = github.as("paula", FORGE_REPOSITORY);
      const made = runs(bench);
      const failing = world(KEYS, TEAMS, overdue);
      await made.run(failing);
      const issue = async () =>
        (await forge.issues("cre", signal)).find(({ title }) => title.startsWith("orders: "));
      const pull = made.book.proposals?.["orders"];
      expect(await issue()).toMatchObject({
        title: "orders: rotation overdue (keys)",
        labels: ["cre", "cre/critical", "cre/api-key"],
        assignees: ["paula"],
        body: expect.stringContaining(`[pull request ${pull?.number}](<${pull?.url}>)`),
      });
      const file = await forge.fileAt("cre/rotated/orders/2026-03-02", overdue.file, signal);
      expect(file?.text).toContain('"rotatedAt": "DAY-OF-ROTATION"');
      expect(await made.run(failing)).toBe(0);

      const number = (await issue())?.number ?? 0;
      paula.close(number, "not_planned");
      await made.run(failing);
      expect(await issue()).toMatchObject({ state: "open" });
      paula.close(number, "not_planned");
      expect(await made.run(failing)).toBe(0);
      paula.reopen(number);
      expect(await made.run(failing)).toBe(0);

      await paula.merge(pull?.number ?? 0);
      await made.run(world(KEYS, TEAMS, credential("orders", { rotatedAt: "2026-03-09" })));
      expect(await issue()).toMatchObject({ state: "closed", closedAs: "completed" });
      expect(repository.issues[number - 1]?.comments.map(({ body }) => body.split(":")[0])).toEqual([
        "Closed, but still true",
        "Healed",
      ]);
      expect(made.book).toMatchObject({ proposals: {} });
    },
    { files },
  );
});

test("what a run made that did not live to write it down is found again", () =>
  withForge(async (bench) => {
    const made = runs(bench);
    const failing = world(KEYS, credential("managed", { method: "delegated" }));
    await made.run(failing);
    const { health } = made.book;
    made.book = { schemaVersion: 1, ...(health === undefined ? {} : { health }) };
    // The dashboard, of which nobody knows any more what it said.
    expect(await made.run(failing)).toBe(1);
    expect(await bench.forge.issues("cre", signal)).toHaveLength(2);
  }));

test("ten thousand failing credentials: a digest for each owner, no limit is hit, and the same run writes nothing", () =>
  withForge(async (bench) => {
    const failing = Array.from({ length: 10_000 }, (_, index) =>
      credential(`key-${index}`, {
        method: "delegated",
        owner: { team: `team-${index % 40}`, contact: "team@example.com" },
      }),
    );
    const storm = world(KEYS, TEAMS, ...failing);
    const made = runs(bench);
    expect(await made.run(storm)).toBeLessThanOrEqual(60);
    const issues = await bench.forge.issues("cre", signal);
    expect(issues.filter(({ title }) => title.startsWith("Digest"))).toHaveLength(40);
    expect(issues).toHaveLength(41);
    expect(await made.run(storm)).toBe(0);
    expect(bench.github.limits.hits()).toBe(0);
  }));
