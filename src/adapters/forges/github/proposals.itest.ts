import { describe, expect, test } from "vitest";
import type { Proposal } from "../../../core/ports/forge.ts";
import { GITHUB_LOGIN } from "../../../testing/services/github/github-service.ts";
import { FORGE_REPOSITORY, type ForgeBench, withForge } from "../../../testing/suites/forge-bench.ts";

const { signal } = new AbortController();

const PROPOSAL: Proposal = {
  branch: "cre/rotated/payments-key",
  title: "Say when payments-key was rotated",
  body: "Fill in the date.",
  path: "registry/payments.yaml",
  content: "rotatedAt: 2026-09-21\n",
  labels: ["cre", "manual"],
};

const BEFORE = { files: { "registry/payments.yaml": "rotatedAt: 2026-01-01\n" } };

async function contentAt({ repository }: ForgeBench, branch: string): Promise<string | undefined> {
  const file = await repository.git.fileAt(`refs/heads/${branch}`, PROPOSAL.path);
  return file === undefined ? undefined : (await repository.git.blob(file.sha)).toString("utf8");
}

describe("a proposal", () => {
  test.each([
    ["changes a file", BEFORE],
    ["adds one", {}],
  ])("%s on a branch of its own and opens a pull request with labels", (_, files) =>
    withForge(async (bench) => {
      const { forge, repository } = bench;
      const made = await forge.propose(PROPOSAL, signal);
      expect(made).toEqual({
        number: 1,
        url: `https://github.com/${FORGE_REPOSITORY}/pull/1`,
        state: "open",
      });
      expect(await contentAt(bench, PROPOSAL.branch)).toBe(PROPOSAL.content);
      expect(repository.issues[0]).toMatchObject({
        title: PROPOSAL.title,
        body: PROPOSAL.body,
        labels: PROPOSAL.labels,
        author: GITHUB_LOGIN,
      });
      expect(repository.pulls).toMatchObject([{ base: "main", commits: [expect.any(String)] }]);
    }, files),
  );

  test("that is there is not made again, and nothing is written", () =>
    withForge(async ({ forge, github, repository }) => {
      const first = await forge.propose(PROPOSAL, signal);
      const writes = github.limits.writes();
      expect(await forge.propose(PROPOSAL, signal)).toEqual(first);
      expect(github.limits.writes()).toBe(writes);
      expect(repository.pulls).toHaveLength(1);
    }, BEFORE));

  test("that says something else by now changes its file", () =>
    withForge(async (bench) => {
      await bench.forge.propose(PROPOSAL, signal);
      const content = "rotatedAt: 2026-09-22\n";
      expect(await bench.forge.propose({ ...PROPOSAL, content }, signal)).toMatchObject({ number: 1 });
      expect(await contentAt(bench, PROPOSAL.branch)).toBe(content);
    }, BEFORE));

  test("whose branch has people's commits is left alone", () =>
    withForge(async (bench) => {
      const { forge, github } = bench;
      await forge.propose(PROPOSAL, signal);
      const theirs = "rotatedAt: 2026-09-20 # really\n";
      const alice = github.as("alice", FORGE_REPOSITORY);
      await alice.push({ branch: PROPOSAL.branch, files: { [PROPOSAL.path]: theirs } });
      expect(await forge.propose({ ...PROPOSAL, content: "x\n" }, signal)).toMatchObject({ state: "open" });
      expect(await contentAt(bench, PROPOSAL.branch)).toBe(theirs);
    }, BEFORE));

  test("by a person's own token leaves that person's commits alone as well", () =>
    withForge(async (bench) => {
      const { github } = bench;
      const forge = await bench.by(github.addToken("alice"));
      await forge.propose(PROPOSAL, signal);
      const theirs = "rotatedAt: 2026-09-20\n";
      const alice = github.as("alice", FORGE_REPOSITORY);
      await alice.push({ branch: PROPOSAL.branch, files: { [PROPOSAL.path]: theirs } });
      await forge.propose({ ...PROPOSAL, content: "x\n" }, signal);
      expect(await contentAt(bench, PROPOSAL.branch)).toBe(theirs);
    }, BEFORE));

  test.each(["merged", "closed"] as const)("that was %s is told and not made again", (state) =>
    withForge(async ({ forge, github, repository }) => {
      const { number } = await forge.propose(PROPOSAL, signal);
      const alice = github.as("alice", FORGE_REPOSITORY);
      if (state === "merged") await alice.merge(number);
      else alice.close(number);
      await repository.git.git("update-ref", "-d", `refs/heads/${PROPOSAL.branch}`);
      expect(await forge.propose(PROPOSAL, signal)).toMatchObject({ number, state });
      expect(repository.pulls).toHaveLength(1);
    }, BEFORE),
  );

  const steps = [
    "POST git/refs",
    "PUT contents/{path}",
    "POST pulls",
    "POST labels",
    "POST {issue_number}/labels",
  ];
  const deaths = steps.flatMap((step) => [[step, "drop"] as const, [step, "dropAfter"] as const]);
  test.each(deaths)(
    "that died at %s (%s) is gone on with: one branch, one commit, one pull request",
    (step, how) =>
      withForge(async (bench) => {
        const { forge, github, repository } = bench;
        github.fail(step, how);
        await expect(forge.propose(PROPOSAL, signal)).rejects.toMatchObject({ outcome: "unknown" });
        expect(await forge.propose(PROPOSAL, signal)).toMatchObject({ number: 1, state: "open" });
        expect(await contentAt(bench, PROPOSAL.branch)).toBe(PROPOSAL.content);
        expect(repository.pulls).toHaveLength(1);
        expect(repository.issues[0]?.labels).toEqual(PROPOSAL.labels);
        const log = await repository.git.git("rev-list", "--count", `main..${PROPOSAL.branch}`);
        expect(log).toBe("1");
      }, BEFORE),
  );

  test("is not taken for that of a fork's branch with the same name", () =>
    withForge(async ({ forge, github, repository }) => {
      const fork = await github.host("acme/elsewhere");
      await fork.git.git("fetch", "--quiet", repository.git.path, "+refs/heads/main:refs/heads/main");
      await github.as("mallory", fork.name).push({ branch: PROPOSAL.branch, files: { x: "x\n" } });
      const mallory = github.as("mallory", FORGE_REPOSITORY);
      mallory.close(await mallory.openPull({ branch: PROPOSAL.branch, from: fork }));
      expect(await forge.propose(PROPOSAL, signal)).toMatchObject({ number: 2, state: "open" });
    }, BEFORE));

  test("is refused with what to do where workflows may not open pull requests", () =>
    withForge(async ({ forge, github }) => {
      github.fail("POST pulls", "noPulls");
      const failed = forge.propose(PROPOSAL, signal);
      await expect(failed).rejects.toMatchObject({
        outcome: "refused",
        code: "permission-missing",
        fix: expect.stringContaining("Allow GitHub Actions to create and approve pull requests"),
      });
    }));
});

describe("files", () => {
  test("are read at a commit with the id that git gives them", () =>
    withForge(async ({ forge, github, repository }) => {
      const alice = github.as("alice", FORGE_REPOSITORY);
      const text = "naïve: \u{1F511}\n";
      const commit = await alice.push({ branch: "topic", files: { "docs/a b#?.yaml": text } });
      const blob = await repository.git.git("rev-parse", `${commit}:docs/a b#?.yaml`);
      expect(await forge.fileAt(commit, "docs/a b#?.yaml", signal)).toEqual({ blob, text });
      expect(await forge.fileAt(commit, "docs/other.yaml", signal)).toBeUndefined();
      expect(await forge.fileAt(commit, "docs", signal)).toBeUndefined();
      expect(await forge.fileAt("main", "docs/a b#?.yaml", signal)).toBeUndefined();
    }));

  test.each([0, 1024 * 1024, 1024 * 1024 + 1, 3_000_000])("of %i bytes are read whole", (size) =>
    withForge(
      async ({ forge }) => {
        const found = await forge.fileAt("main", "big.txt", signal);
        expect(found?.text).toBe("x".repeat(size));
      },
      { files: { "big.txt": "x".repeat(size) } },
    ),
  );

  test("of a commit that GitHub does not show are refused, not missing", () =>
    withForge(async ({ forge }) => {
      await expect(forge.fileAt("0".repeat(40), "a.yaml", signal)).rejects.toMatchObject({
        outcome: "refused",
      });
    }));
});
