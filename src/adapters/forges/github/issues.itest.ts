import { describe, expect, test } from "vitest";
import type { IssueDraft } from "../../../core/ports/forge.ts";
import { GITHUB_LOGIN } from "../../../testing/services/github/github-service.ts";
import { FORGE_REPOSITORY, withForge } from "../../../testing/suites/forge-bench.ts";

const { signal } = new AbortController();

const DRAFT: IssueDraft = {
  title: "orders-db is overdue",
  body: "Rotate it.",
  labels: ["cre", "critical"],
  assignees: [],
};

describe("issues", () => {
  test("are opened with their labels, which are made with colours, and found again by a label", () =>
    withForge(async ({ forge, repository }) => {
      const made = await forge.createIssue(DRAFT, signal);
      expect(made).toEqual({
        ...DRAFT,
        number: 1,
        url: `https://github.com/${FORGE_REPOSITORY}/issues/1`,
        state: "open",
        author: GITHUB_LOGIN,
      });
      expect(await forge.issues("cre", signal)).toEqual([made]);
      expect(await forge.issues("other", signal)).toEqual([]);
      expect([...repository.labels].map(([name, { color }]) => [name, color])).toEqual([
        ["cre", "1d76db"],
        ["critical", "d93f0b"],
      ]);
    }));

  test("a label that is there keeps its colour, and labels are asked for once per process", () =>
    withForge(async ({ forge, repository, github }) => {
      repository.labels.set("CRITICAL", { color: "000000", description: null });
      for (let index = 0; index < 3; index += 1) await forge.createIssue(DRAFT, signal);
      expect(repository.labels.get("CRITICAL")).toEqual({ color: "000000", description: null });
      expect(github.calls.filter((call) => call.endsWith("/labels"))).toEqual([
        "GET /repos/{owner}/{repo}/labels",
        "POST /repos/{owner}/{repo}/labels",
      ]);
    }));

  test("a label that somebody makes at the same moment is no failure", () =>
    withForge(async ({ forge, by, github }) => {
      const other = await by(github.addToken("alice"));
      await Promise.all([forge.createIssue(DRAFT, signal), other.createIssue(DRAFT, signal)]);
      expect(await forge.issues("cre", signal)).toHaveLength(2);
    }));

  test("all of 250 are listed oldest first, open and closed, without pull requests", () =>
    withForge(async ({ forge, github }) => {
      const alice = github.as("alice", FORGE_REPOSITORY);
      await alice.push({ branch: "topic", files: { "a.yaml": "a\n" } });
      alice.label(await alice.openPull({ branch: "topic" }), "cre");
      const numbers = Array.from({ length: 250 }, (_, index) =>
        alice.openIssue({ title: `violation ${index}`, labels: ["cre"] }),
      );
      alice.close(7);
      const found = await forge.issues("cre", signal);
      expect(found.map(({ number }) => number)).toEqual(numbers);
      expect(found.filter(({ state }) => state === "closed").map(({ number }) => number)).toEqual([7]);
      expect(github.calls).toHaveLength(3);
    }));

  test("of an answer only the query of the next page is followed: no address of it gets the token", () =>
    withForge(async ({ forge, github }) => {
      const alice = github.as("alice", FORGE_REPOSITORY);
      for (let index = 0; index < 101; index += 1) alice.openIssue({ title: "v", labels: ["cre"] });
      const elsewhere = "https://evil.example/api?baseUrl=http://127.0.0.1:1&url=/x&owner=evil&labels=x";
      github.answerWithLink(`<${elsewhere}&page=2>; rel="next"`);
      expect(await forge.issues("cre", signal)).toHaveLength(101);
      github.answerWithLink(`<${elsewhere}>; rel="next"`);
      await expect(forge.issues("cre", signal)).rejects.toMatchObject({ code: "answer-unreadable" });
    }));

  test("an assignee whom GitHub does not know is left out and told once; a team is left out without a word", () =>
    withForge(async ({ forge, github, repository, warnings }) => {
      github.as("alice", FORGE_REPOSITORY);
      const assignees = ["alice", "nobody", "acme/payments", "no one?", "alice"];
      const made = await forge.createIssue({ ...DRAFT, assignees }, signal);
      await forge.updateIssue(made.number, { assignees: ["nobody"] }, signal);
      expect(made.assignees).toEqual(["alice"]);
      expect(repository.issues[0]?.assignees).toEqual([]);
      expect(warnings).toHaveLength(2);
      expect(warnings.join(" ")).toMatch(/"nobody".*"no one\?"/);
    }));

  test("a change of one thing leaves the rest, and a reason of closing is told", () =>
    withForge(async ({ forge, repository }) => {
      const { number } = await forge.createIssue(DRAFT, signal);
      await forge.updateIssue(number, { body: "Healed." }, signal);
      expect(repository.issues[0]).toMatchObject({ ...DRAFT, body: "Healed.", state: "open" });
      for (const [reason, shown] of [
        ["completed", "completed"],
        ["not-planned", "not_planned"],
        ["duplicate", "duplicate"],
      ] as const) {
        await forge.updateIssue(number, { state: "closed", reason }, signal);
        expect(repository.issues[0]).toMatchObject({ state: "closed", stateReason: shown });
      }
      await forge.updateIssue(number, { state: "open" }, signal);
      expect(repository.issues[0]).toMatchObject({ state: "open", title: DRAFT.title });
    }));

  test("nothing is sent where nothing changes", () =>
    withForge(async ({ forge, github }) => {
      await forge.updateIssue(1, {}, signal);
      expect(github.calls).toEqual([]);
    }));

  test("texts of every kind come back as they were sent", () =>
    withForge(async ({ forge }) => {
      const odd = { ...DRAFT, title: 'quotes " & <b> \u{202E} é', body: "a\r\n\u0000b\n" };
      const made = await forge.createIssue(odd, signal);
      expect(made).toMatchObject({ title: odd.title, body: odd.body });
    }));

  test("what GitHub does not take is refused with what it says of it", () =>
    withForge(async ({ forge, repository }) => {
      const long = forge.createIssue({ ...DRAFT, title: "x".repeat(257) }, signal);
      await expect(long).rejects.toMatchObject({
        outcome: "refused",
        code: "refused",
        evidence: "status 422: Validation Failed: title invalid",
      });
      expect(repository.issues).toEqual([]);
    }));
});

describe("comments", () => {
  const MARKER = "<!-- cre:impact -->";

  test("a kept comment is made once, changed in place, and nothing is sent where it is the same", () =>
    withForge(async ({ forge, repository, github }) => {
      const { number } = await forge.createIssue(DRAFT, signal);
      await forge.keepComment(number, MARKER, `${MARKER}\nfirst`, signal);
      await forge.keepComment(number, MARKER, `${MARKER}\nsecond`, signal);
      const sent = github.limits.writes();
      await forge.keepComment(number, MARKER, `${MARKER}\nsecond\n`, signal);
      expect(github.limits.writes()).toBe(sent);
      expect(repository.issues[0]?.comments).toMatchObject([
        { author: GITHUB_LOGIN, body: `${MARKER}\nsecond` },
      ]);
    }));

  test("a kept comment that is only to be changed is not made", () =>
    withForge(async ({ forge, repository }) => {
      const { number } = await forge.createIssue(DRAFT, signal);
      await forge.keepComment(number, MARKER, `${MARKER}\nnothing`, signal, "change-only");
      expect(repository.issues[0]?.comments).toEqual([]);
      await forge.keepComment(number, MARKER, `${MARKER}\nsomething`, signal);
      await forge.keepComment(number, MARKER, `${MARKER}\nnothing`, signal, "change-only");
      expect(repository.issues[0]?.comments).toMatchObject([{ body: `${MARKER}\nnothing` }]);
    }));

  test("a comment of another author that bears the marker is left alone", () =>
    withForge(async ({ forge, repository, github }) => {
      const { number } = await forge.createIssue(DRAFT, signal);
      github.as("mallory", FORGE_REPOSITORY).comment(number, `${MARKER}\nAll is well.`);
      await forge.keepComment(number, MARKER, `${MARKER}\ntrue`, signal);
      await forge.keepComment(number, MARKER, `${MARKER}\ntruer`, signal);
      expect(repository.issues[0]?.comments.map(({ author, body }) => [author, body])).toEqual([
        ["mallory", `${MARKER}\nAll is well.`],
        [GITHUB_LOGIN, `${MARKER}\ntruer`],
      ]);
    }));

  test("of several own ones the first is kept, beyond any number of others' comments", () =>
    withForge(async ({ forge, repository, github }) => {
      const { number } = await forge.createIssue(DRAFT, signal);
      const alice = github.as("alice", FORGE_REPOSITORY);
      for (let index = 0; index < 120; index += 1) alice.comment(number, `word ${index}`);
      await forge.comment(number, `${MARKER}\none`, signal);
      await forge.comment(number, `${MARKER}\ntwo`, signal);
      await forge.comment(number, "without it", signal);
      await forge.keepComment(number, MARKER, "three", signal);
      const own = repository.issues[0]?.comments.filter(({ author }) => author === GITHUB_LOGIN);
      expect(own?.map(({ body }) => body)).toEqual([`three\n\n${MARKER}`, "without it"]);
    }));
});
