import { expect, test } from "vitest";
import { GITHUB_LOGIN } from "../../../testing/services/github/github-service.ts";
import { FORGE_REPOSITORY, type ForgeBench, withForge } from "../../../testing/suites/forge-bench.ts";

const { signal } = new AbortController();
const FOLDER = ".github/workflows";

const FILES = {
  [`${FOLDER}/enforce.yml`]: "on:\n  schedule:\n    - cron: '7 */6 * * *'\n  workflow_dispatch:\n",
  [`${FOLDER}/sleeping.yml`]: "on: { schedule: [ { cron: '7 1 * * *' } ] }\n",
  [`${FOLDER}/check.yml`]: "# schedule: none\non: [pull_request]\njobs: { schedule: {} }\n",
  [`${FOLDER}/broken.yml`]: "on: {schedule\n",
};

function addWorkflows({ repository }: ForgeBench): void {
  const states = { enforce: "active", sleeping: "disabled_inactivity", check: "active", broken: "active" };
  for (const [name, state] of Object.entries(states)) {
    repository.workflows.push({ id: repository.nextId(), path: `${FOLDER}/${name}.yml`, state });
  }
  repository.workflows.push({ id: 7, path: "dynamic/dependabot/dependabot-updates", state: "active" });
  repository.workflows.push({ id: 8, path: `${FOLDER}/gone.yml`, state: "deleted" });
}

test("the workflows with a schedule are told with what GitHub says of them", () =>
  withForge(
    async (bench) => {
      addWorkflows(bench);
      expect(await bench.forge.schedules(signal)).toEqual([
        { workflow: `${FOLDER}/enforce.yml`, state: "active", detail: "active" },
        { workflow: `${FOLDER}/sleeping.yml`, state: "disabled", detail: "disabled_inactivity" },
      ]);
    },
    { files: FILES },
  ));

test("a workflow is started on the default branch with its inputs, and a disabled or unknown one is refused", () =>
  withForge(
    async (bench) => {
      const { forge, repository } = bench;
      addWorkflows(bench);
      await forge.dispatch("enforce.yml", { credential: "orders-db" }, signal);
      expect(repository.dispatches).toEqual([
        { workflow: "enforce.yml", ref: "main", inputs: { credential: "orders-db" }, by: GITHUB_LOGIN },
      ]);
      await expect(forge.dispatch("sleeping.yml", {}, signal)).rejects.toMatchObject({
        outcome: "refused",
        evidence: expect.stringContaining("disabled workflow"),
      });
      await expect(forge.dispatch("none.yml", {}, signal)).rejects.toMatchObject({ outcome: "refused" });
    },
    { files: FILES },
  ));

test("a run is over when GitHub says so, or when it was started again", () =>
  withForge(async ({ forge, repository }) => {
    repository.runs.push({ id: 4711, attempt: 2, status: "in_progress" });
    repository.runs.push({ id: 4712, attempt: 1, status: "completed" });
    const isOver = async (run: string) => forge.isRunOver(`${FORGE_REPOSITORY}/${run}`, signal);
    expect(await isOver("4711/2")).toBe(false);
    expect(await isOver("4711/1")).toBe(true);
    expect(await isOver("4712/1")).toBe(true);
    for (const unknown of ["1/1", "", "4711", "4711/../../x/1", "0x10/1"]) {
      expect(await isOver(unknown)).toBeUndefined();
    }
    for (const elsewhere of ["acme/other/4712/1", "4712/1", "host/boot/1/2"]) {
      expect(await forge.isRunOver(elsewhere, signal)).toBeUndefined();
    }
  }));

test("the end of the token's life is told where GitHub tells it", () =>
  withForge(async ({ forge, github }) => {
    expect(await forge.tokenExpiry(signal)).toBeUndefined();
    github.expireTokens("2031-01-01 12:00:00 +0200");
    expect(await forge.tokenExpiry(signal)).toBe("2031-01-01T10:00:00Z");
  }));

test("links are to GitHub's pages, whatever a path has in it", () =>
  withForge(async ({ forge, github }) => {
    const web = new URL(github.url).origin;
    expect(forge.issueUrl?.(7)).toBe(`${web}/acme/credentials/issues/7`);
    expect(forge.fileUrl("registry/a b#?.yaml", 12)).toBe(
      `${web}/acme/credentials/blob/HEAD/registry/a%20b%23%3F.yaml#L12`,
    );
    expect(forge.label).toBe(`${new URL(web).host}/acme/credentials`);
  }));

test("the login is asked once, and is that of the token", () =>
  withForge(async ({ forge, by, github }) => {
    expect(await forge.login(signal)).toBe(GITHUB_LOGIN);
    expect(await forge.login(signal)).toBe(GITHUB_LOGIN);
    expect(github.calls).toEqual(["POST /graphql"]);
    expect(await (await by(github.addToken("my-app[bot]"))).login(signal)).toBe("my-app[bot]");
  }));
