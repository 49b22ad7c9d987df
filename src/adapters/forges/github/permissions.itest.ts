import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { EffectError } from "../../../core/model/errors.ts";
import type { Permissions } from "../../../testing/services/github/permissions.ts";
import { FORGE_REPOSITORY, type ForgeBench, withForge } from "../../../testing/suites/forge-bench.ts";

const { signal } = new AbortController();

function textOf(path: string): string {
  return readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");
}

const text = textOf("examples/github/forge-permissions.json");
const EXAMPLE: Readonly<Record<string, Permissions>> = JSON.parse(text);
const WORKFLOW = ".github/workflows/enforce.yml";

/** Everything that a capability is for, tried from the beginning. */
const USES: Readonly<Record<string, (bench: ForgeBench) => Promise<unknown>>> = {
  issues: async ({ forge }) => {
    const draft = { title: "t", body: "b", labels: ["cre"], assignees: ["alice"] };
    const { number } = await forge.createIssue(draft, signal);
    await forge.comment(number, "word", signal);
    await forge.updateIssue(number, { state: "closed", reason: "completed" }, signal);
    return forge.issues("cre", signal);
  },
  reviews: async ({ forge, github, repository }) => {
    const alice = github.as("alice", FORGE_REPOSITORY);
    await alice.push({ branch: "topic", files: { "a.yaml": "a\n" } });
    await alice.merge(await alice.openPull({ branch: "topic" }));
    const commit = repository.pulls[0]?.head ?? "";
    await forge.fileAt(commit, "a.yaml", signal);
    return forge.changeOf(commit, signal);
  },
  proposals: async ({ forge }) =>
    forge.propose(
      { branch: "cre/x", title: "t", body: "b", path: "x.yaml", content: "x\n", labels: ["cre"] },
      signal,
    ),
  comment: async ({ forge, github }) => {
    const alice = github.as("alice", FORGE_REPOSITORY);
    await alice.push({ branch: "topic", files: { "a.yaml": "a\n" } });
    const number = await alice.openPull({ branch: "topic" });
    await forge.keepComment(number, "<!-- m -->", "<!-- m --> one", signal);
    return forge.keepComment(number, "<!-- m -->", "<!-- m --> two", signal);
  },
  watch: async ({ forge, repository }) => {
    repository.runs.push({ id: 1, attempt: 1, status: "completed" });
    const schedules = await forge.schedules(signal);
    expect(await forge.isRunOver(`${FORGE_REPOSITORY}/1/1`, signal)).toBe(true);
    return schedules;
  },
  emergency: async ({ forge }) => forge.dispatch("enforce.yml", {}, signal),
};

async function tried(capability: string, permissions: Permissions): Promise<unknown> {
  let outcome: unknown;
  await withForge(
    async (bench) => {
      bench.github.as("alice", FORGE_REPOSITORY);
      bench.repository.workflows.push({ id: 1, path: WORKFLOW, state: "active" });
      bench.github.permit(permissions);
      outcome = await USES[capability]?.(bench).then(
        () => "done",
        (error: unknown) => error,
      );
    },
    { files: { [WORKFLOW]: "on: { schedule: [{ cron: '7 1 * * *' }], workflow_dispatch: {} }\n" } },
  );
  return outcome;
}

describe.each(Object.keys(USES))("the permissions of the example for %s", (capability) => {
  const whole = EXAMPLE[capability] ?? {};

  test("are enough", async () => {
    expect(await tried(capability, whole)).toBe("done");
  });

  const fewer = Object.entries(whole).flatMap(([name, access]): [string, Permissions][] => {
    const { [name]: _, ...rest } = whole;
    const less: [string, Permissions] = [`${name}: none`, rest];
    return access === "write" ? [less, [`${name}: read`, { ...rest, [name]: "read" }]] : [less];
  });
  test.each(fewer)("are all needed: with %s it is refused", async (_, permissions) => {
    const outcome = await tried(capability, permissions);
    expect(outcome).toBeInstanceOf(EffectError);
    expect(outcome).toMatchObject({ outcome: "refused" });
  });
});

test("the page on GitHub shows the file of the example", () => {
  expect(textOf(".github/docs/github.md")).toContain(text);
});
