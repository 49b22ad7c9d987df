import { describe, expect, test } from "vitest";
import type { HostedRepository } from "../../../testing/services/github/hosted-repository.ts";
import type { Person } from "../../../testing/services/github/person.ts";
import { FORGE_REPOSITORY, type ForgeBench, withForge } from "../../../testing/suites/forge-bench.ts";

const { signal } = new AbortController();

/** alice's branch of two commits, approved by carol. Gives its number. */
async function approvedPull({ github }: ForgeBench, from?: HostedRepository): Promise<number> {
  const alice = from === undefined ? person(github, "alice") : github.as("alice", from.name);
  await alice.push({ branch: "topic", files: { "a.yaml": "one\n" }, message: "first" });
  github.advance(60);
  await alice.push({ branch: "topic", files: { "a.yaml": "two\n" }, message: "second" });
  const number = await person(github, "alice").openPull({
    branch: "topic",
    ...(from === undefined ? {} : { from }),
  });
  github.advance(60);
  await person(github, "carol").review(number, "APPROVED");
  github.advance(60);
  return number;
}

function person(github: ForgeBench["github"], login: string): Person {
  return github.as(login, FORGE_REPOSITORY);
}

describe("the change that brought a commit", () => {
  test.each(["merge", "squash", "rebase", "queue", "pushed"] as const)(
    "is found for what came by %s, with its reviews and everybody whose work is in it",
    (method) =>
      withForge(async (bench) => {
        const { forge, github, repository } = bench;
        const number = await approvedPull(bench);
        const [pull] = repository.pulls;
        const commit = await person(github, "dave").merge(number, method);
        const change = await forge.changeOf(commit, signal);
        expect(change).toEqual({
          number,
          url: `https://github.com/${FORGE_REPOSITORY}/pull/${number}`,
          author: "alice",
          head: pull?.head,
          mergedAt: "2026-09-21T14:16:20Z",
          mergedBy: method === "queue" ? "github-merge-queue[bot]" : "dave",
          contributors: ["alice"],
          hasUnknownContributor: false,
          reviews: [{ by: "carol", state: "approved", commit: pull?.head, at: "2026-09-21T14:15:20Z" }],
        });
      }),
  );

  test.each(["merge", "rebase", "pushed"] as const)(
    "is found for every commit that came along by %s",
    (method) =>
      withForge(async (bench) => {
        const { forge, github, repository } = bench;
        // The base has moved meanwhile.
        const number = await approvedPull(bench);
        if (method !== "pushed") {
          await person(github, "dave").push({ branch: "main", files: { "other.yaml": "x\n" } });
        }
        await person(github, "dave").merge(number, method);
        const [pull] = repository.pulls;
        const along = method === "rebase" ? pull?.landed : pull?.commits;
        expect(along).toHaveLength(2);
        for (const commit of along ?? []) {
          expect(await forge.changeOf(commit, signal)).toMatchObject({ number });
        }
      }),
  );

  test("is none for a commit that was pushed past every pull request", () =>
    withForge(async (bench) => {
      const { forge, github } = bench;
      const number = await approvedPull(bench);
      const commit = await person(github, "mallory").push({ branch: "main", files: { "b.yaml": "mine\n" } });
      await person(github, "dave").merge(number, "squash");
      expect(await forge.changeOf(commit, signal)).toBeUndefined();
    }));

  test("is none for a commit of a branch that was squashed, when somebody pushed it to the base by hand", () =>
    withForge(async (bench) => {
      const { forge, github, repository } = bench;
      const number = await approvedPull(bench);
      await person(github, "dave").merge(number, "squash");
      const [first] = repository.pulls[0]?.commits ?? [];
      await repository.git.git("update-ref", "refs/heads/main", first ?? "");
      expect(github.calls).toEqual([]);
      expect(await forge.changeOf(first ?? "", signal)).toBeUndefined();
    }));

  test("is none while it is not merged, or was merged into another branch", () =>
    withForge(async (bench) => {
      const { forge, github, repository } = bench;
      await approvedPull(bench);
      const head = repository.pulls[0]?.head ?? "";
      expect(await forge.changeOf(head, signal)).toBeUndefined();
      const bob = person(github, "bob");
      const below = await bob.push({ branch: "below", files: { "b.yaml": "b\n" } });
      await bob.push({ branch: "long-lived", files: { "c.yaml": "c\n" } });
      await bob.merge(await bob.openPull({ branch: "below", base: "long-lived" }));
      expect(await forge.changeOf(below, signal)).toBeUndefined();
    }));

  test("is refused where GitHub does not have the commit", () =>
    withForge(async ({ forge }) => {
      await expect(forge.changeOf("0".repeat(39) + "1", signal)).rejects.toMatchObject({
        outcome: "refused",
      });
    }));

  test("is found from a fork, whose pushes count as well", () =>
    withForge(async (bench) => {
      const { forge, github, repository } = bench;
      const fork = await github.host("alice/credentials");
      await fork.git.git("fetch", "--quiet", repository.git.path, "+refs/heads/main:refs/heads/main");
      const number = await approvedPull(bench, fork);
      await github.as("mallory", fork.name).push({
        branch: "topic",
        files: { "a.yaml": "three\n" },
        author: "alice@example.com",
      });
      const commit = await person(github, "dave").merge(number);
      expect(await forge.changeOf(commit, signal)).toMatchObject({
        contributors: ["alice", "mallory"],
        hasUnknownContributor: false,
      });
    }));
});

describe("whose work is in a change", () => {
  test("counts who pushed, whatever the commits say", () =>
    withForge(async (bench) => {
      const { forge, github } = bench;
      const number = await approvedPull(bench);
      const forged = { author: "alice@example.com", committer: "noreply@github.com" };
      await person(github, "mallory").push({ branch: "topic", files: { "a.yaml": "bad\n" }, ...forged });
      const commit = await person(github, "dave").merge(number);
      expect(await forge.changeOf(commit, signal)).toMatchObject({
        contributors: ["alice", "mallory"],
        hasUnknownContributor: false,
      });
    }));

  test("is not known where a commit claims GitHub's pages without their signature and no pushes are shown", () =>
    withForge(async (bench) => {
      const { forge, github, repository } = bench;
      const number = await approvedPull(bench);
      const forged = { author: "alice@example.com", committer: "noreply@github.com" };
      await person(github, "mallory").push({ branch: "topic", files: { "a.yaml": "bad\n" }, ...forged });
      const commit = await person(github, "dave").merge(number);
      repository.hidesActivity = true;
      expect(await forge.changeOf(commit, signal)).toMatchObject({ hasUnknownContributor: true });
    }));

  test("without the right to see pushes are the people of the commits", () =>
    withForge(async (bench) => {
      const { forge, github, repository } = bench;
      const number = await approvedPull(bench);
      const commit = await person(github, "dave").merge(number, "squash");
      repository.hidesActivity = true;
      expect(await forge.changeOf(commit, signal)).toMatchObject({
        contributors: ["alice"],
        hasUnknownContributor: false,
      });
    }));

  test("is not known where an address belongs to no account", () =>
    withForge(async (bench) => {
      const { forge, github } = bench;
      const number = await approvedPull(bench);
      await person(github, "alice").push({
        branch: "topic",
        files: { "a.yaml": "x\n" },
        author: "someone@elsewhere.example",
      });
      const commit = await person(github, "dave").merge(number);
      expect(await forge.changeOf(commit, signal)).toMatchObject({
        contributors: ["alice"],
        hasUnknownContributor: true,
      });
    }));

  test("counts a co-author whose account the commit names", () =>
    withForge(async (bench) => {
      const { forge, github } = bench;
      const number = await approvedPull(bench);
      const message = "third\n\nCo-authored-by: Carol <7+carol@users.noreply.github.com>";
      await person(github, "alice").push({ branch: "topic", files: { "a.yaml": "3\n" }, message });
      const commit = await person(github, "dave").merge(number);
      expect(await forge.changeOf(commit, signal)).toMatchObject({ contributors: ["alice", "carol"] });
    }));

  test("does not count who pushed to an earlier branch of the same name, or after the merge", () =>
    withForge(async (bench) => {
      const { forge, github, repository } = bench;
      await person(github, "bob").push({ branch: "topic", files: { "old.yaml": "x\n" } });
      await repository.git.git("update-ref", "-d", "refs/heads/topic");
      github.advance(60);
      const number = await approvedPull(bench);
      const commit = await person(github, "dave").merge(number);
      github.advance(60);
      await person(github, "erin").push({ branch: "topic", files: { "late.yaml": "x\n" } });
      expect(await forge.changeOf(commit, signal)).toMatchObject({ contributors: ["alice"] });
    }));

  test("is not known beyond the 250 commits that GitHub lists", () =>
    withForge(async (bench) => {
      const { forge, github, repository } = bench;
      const number = await approvedPull(bench);
      const commit = await person(github, "dave").merge(number);
      const [pull] = repository.pulls;
      if (pull === undefined) throw new Error("no pull request");
      const [first = ""] = pull.commits;
      pull.commits = Array.from({ length: 260 }, () => first);
      expect(await forge.changeOf(commit, signal)).toMatchObject({ number, hasUnknownContributor: true });
    }));
});

describe("reviews", () => {
  test("are all told in their order, more than a page of them, also the dismissed", () =>
    withForge(async (bench) => {
      const { forge, github, repository } = bench;
      const number = await approvedPull(bench);
      const [first] = repository.pulls[0]?.reviews ?? [];
      person(github, "alice").dismiss(number, first?.id ?? 0);
      for (let index = 0; index < 120; index += 1) await person(github, "bob").review(number, "COMMENTED");
      await person(github, "erin").review(number, "CHANGES_REQUESTED");
      const commit = await person(github, "dave").merge(number);
      const states = (await forge.changeOf(commit, signal))?.reviews.map(({ by, state }) => `${by} ${state}`);
      expect(states).toHaveLength(122);
      expect(states?.[0]).toBe("carol dismissed");
      expect(states?.at(-1)).toBe("erin changes-requested");
    }));
});
