import { describe, expect, test } from "vitest";
import { EffectError } from "../../../core/model/errors.ts";
import type { Forge } from "../../../core/ports/forge.ts";
import type { GithubFault } from "../../../testing/services/github/faults.ts";
import { GITHUB_TOKEN } from "../../../testing/services/github/github-service.ts";
import { EVERYTHING } from "../../../testing/services/github/permissions.ts";
import { FORGE_REPOSITORY, forgeAt, withForge } from "../../../testing/suites/forge-bench.ts";

const { signal } = new AbortController();
const COMMIT = "main";

/** Every call of the port. */
const CALLS: Readonly<Record<string, (forge: Forge, signal: AbortSignal) => Promise<unknown>>> = {
  login: async (forge, within) => forge.login(within),
  issues: async (forge, within) => forge.issues("cre", within),
  createIssue: async (forge, within) =>
    forge.createIssue({ title: "t", body: "b", labels: [], assignees: [] }, within),
  updateIssue: async (forge, within) => forge.updateIssue(1, { body: "b" }, within),
  comment: async (forge, within) => forge.comment(1, "b", within),
  keepComment: async (forge, within) => forge.keepComment(1, "<!-- m -->", "b", within),
  changeOf: async (forge, within) => forge.changeOf(COMMIT, within),
  fileAt: async (forge, within) => forge.fileAt(COMMIT, "README.md", within),
  propose: async (forge, within) =>
    forge.propose({ branch: "b", title: "t", body: "b", path: "p", content: "c", labels: [] }, within),
  isRunOver: async (forge, within) => forge.isRunOver(`${FORGE_REPOSITORY}/1/1`, within),
  schedules: async (forge, within) => forge.schedules(within),
  dispatch: async (forge, within) => forge.dispatch("enforce.yml", {}, within),
  tokenExpiry: async (forge, within) => forge.tokenExpiry(within),
};

const FAULTS: readonly (readonly [fault: GithubFault, outcome: string, code: string])[] = [
  ["throttled", "refused", "throttled"],
  ["limited", "refused", "throttled"],
  ["busy", "refused", "throttled"],
  ["denied", "refused", "permission-missing"],
  ["moved", "refused", "moved"],
  ["error500", "unknown", "no-answer"],
  ["page200", "unknown", "answer-unreadable"],
  ["page403", "unknown", "no-answer"],
  ["page502", "unknown", "no-answer"],
  ["garbage", "unknown", "answer-unreadable"],
  ["drop", "unknown", "no-answer"],
];

async function failureOf(call: Promise<unknown>, name = "it"): Promise<EffectError> {
  const failure: unknown = await call.then(
    (value) => new Error(`${name} passed: ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  if (failure instanceof EffectError) return failure;
  throw failure;
}

describe("whatever GitHub does", () => {
  test.each(FAULTS)("%s is %s, code %s, for every call", (fault, outcome, code) =>
    withForge(async ({ github, by }) => {
      github.as("alice", FORGE_REPOSITORY).openIssue({ title: "t" });
      for (const [name, call] of Object.entries(CALLS)) {
        const forge = await by(GITHUB_TOKEN);
        github.fail("*", fault);
        const failure = await failureOf(call(forge, signal), name);
        expect([name, failure.outcome, failure.code]).toEqual([name, outcome, code]);
        const told = `${failure.describe()} ${JSON.stringify(failure)}`;
        expect(told).not.toContain(GITHUB_TOKEN);
        expect(told).not.toContain("<html>");
        expect(told).not.toContain("connection's token");
        github.mend();
      }
    }),
  );

  test("nothing is tried again", () =>
    withForge(async ({ github, forge }) => {
      github.fail("*", "error500");
      await failureOf(forge.issues("cre", signal));
      expect(github.calls).toHaveLength(1);
    }));

  test("one that hangs is left when the signal says so, for every call", () =>
    withForge(async ({ github, by }) => {
      for (const [name, call] of Object.entries(CALLS)) {
        github.fail("*", "hang");
        const failure = await failureOf(call(await by(GITHUB_TOKEN), AbortSignal.timeout(30)));
        expect([name, failure.outcome]).toEqual([name, "unknown"]);
        github.mend();
      }
    }));

  test("nothing is sent when the signal was aborted before", () =>
    withForge(async ({ github, forge }) => {
      for (const call of Object.values(CALLS)) {
        expect(await failureOf(call(forge, AbortSignal.abort()))).toMatchObject({
          outcome: "refused",
          code: "interrupted",
        });
      }
      expect(github.calls).toEqual([]);
    }));

  test("a limit is told with the time from which on GitHub answers again", () =>
    withForge(async ({ github, forge }) => {
      const told: (string | undefined)[] = [];
      for (const fault of ["throttled", "busy", "limited"] as const) {
        github.fail("*", fault);
        told.push((await failureOf(forge.issues("cre", signal))).evidence?.split(": ").at(-1));
      }
      expect(told).toEqual([
        "to be asked again after 60 s",
        "to be asked again after 30 s",
        "to be asked again after 2026-09-21T15:13:20Z",
      ]);
    }));

  test("a token that GitHub does not know is refused", () =>
    withForge(async ({ by }) => {
      const forge = await by("of-yesterday");
      for (const name of ["login", "issues", "propose"]) {
        const failure = await failureOf(CALLS[name]?.(forge, signal) ?? Promise.resolve());
        expect(failure).toMatchObject({ outcome: "refused", code: "login-refused", retryable: false });
      }
    }));

  test("a GitHub that cannot be reached is refused", async () => {
    const forge = await forgeAt("http://127.0.0.1:1/api/v3", GITHUB_TOKEN);
    expect(await failureOf(forge.issues("cre", signal))).toMatchObject({
      outcome: "refused",
      code: "unreachable",
    });
  });
});

describe("the published limits", () => {
  test("the 81st write of a minute is refused, and a minute later it passes", () =>
    withForge(async ({ github, forge, repository }) => {
      github.as("alice", FORGE_REPOSITORY).openIssue({ title: "t" });
      for (let index = 0; index < 80; index += 1) await forge.comment(1, `word ${index}`, signal);
      expect(await failureOf(forge.comment(1, "too many", signal))).toMatchObject({
        outcome: "refused",
        code: "throttled",
      });
      expect(github.limits.hits()).toBe(1);
      expect(repository.issues[0]?.comments).toHaveLength(80);
      github.advance(61);
      await forge.comment(1, "again", signal);
      expect(github.limits).toMatchObject({ writes: expect.any(Function) });
      expect(github.limits.writes()).toBe(81);
    }));
});

describe("without a permission", () => {
  test.each([
    ["issues", "issues", "Issues: read"],
    ["contents", "fileAt", "Contents: read"],
    ["pull_requests", "propose", "Pull requests: read"],
    ["actions", "schedules", "Actions: read"],
    ["actions", "dispatch", "Actions: write"],
  ])("%s, %s is refused and names it: %s", (missing, name, wanted) =>
    withForge(async ({ github, forge }) => {
      const { [missing]: _, ...rest } = EVERYTHING;
      github.permit(rest);
      const failure = await failureOf(CALLS[name]?.(forge, signal) ?? Promise.resolve());
      expect(failure).toMatchObject({ outcome: "refused", code: "permission-missing", retryable: false });
      expect(failure.fix).toContain(`"${wanted}"`);
      expect(failure.evidence).toContain(`GitHub asks for ${missing}=`);
    }),
  );
});
