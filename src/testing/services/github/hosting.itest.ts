import { afterAll, beforeAll, expect, test } from "vitest";
import { createScratchRepository, type ScratchRepository } from "../git-remote.ts";
import { type GithubService, startGithub } from "./github-service.ts";

const NAME = "acme/credentials";
let scratch: ScratchRepository;
let github: GithubService;

beforeAll(async () => {
  scratch = await createScratchRepository({ "registry/a.yaml": "one\n", "registry/b.yaml": "one\n" });
  github = await startGithub();
  await github.host(NAME, { bare: scratch.path });
});

afterAll(async () => {
  await github.close();
  await scratch.dispose();
});

test.each(["merge", "squash", "rebase", "queue"] as const)(
  "what is merged by %s on the stand-in is in the git repository that it was given",
  async (method) => {
    const alice = github.as("alice", NAME);
    await alice.push({ branch: method, files: { "registry/a.yaml": `${method}\n` } });
    const number = await alice.openPull({ branch: method });
    await scratch.commit({ files: { "registry/b.yaml": `meanwhile ${method}\n` } });
    const commit = await github.as("bob", NAME).merge(number, method);
    expect(await scratch.git("rev-parse", "main")).toBe(commit);
    expect(await scratch.git("show", "main:registry/a.yaml")).toBe(method);
    expect(await scratch.git("show", "main:registry/b.yaml")).toBe(`meanwhile ${method}`);
  },
);

test("a pull request has what was pushed to its branch by git", async () => {
  const alice = github.as("alice", NAME);
  await alice.push({ branch: "topic", files: { "registry/c.yaml": "1\n" } });
  const number = await alice.openPull({ branch: "topic" });
  const clone = await scratch.clone({ args: ["--branch", "topic"] });
  const pushed = await clone.commit({ files: { "registry/c.yaml": "2\n" } });
  await clone.git("push", "--quiet", "origin", "topic");
  await github.as("bob", NAME).review(number, "APPROVED");
  expect(await scratch.git("rev-parse", `refs/pull/${number}/head`)).toBe(pushed);
});

test("one that conflicts is not merged", async () => {
  const alice = github.as("alice", NAME);
  await alice.push({ branch: "clash", files: { "registry/a.yaml": "mine\n" } });
  const number = await alice.openPull({ branch: "clash" });
  const tip = await scratch.commit({ files: { "registry/a.yaml": "theirs\n" } });
  await expect(github.as("bob", NAME).merge(number)).rejects.toThrow(/unmerged|merge/i);
  expect(await scratch.git("rev-parse", "main")).toBe(tip);
});
