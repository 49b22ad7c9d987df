import { afterAll, beforeAll, expect, test } from "vitest";
import { type CliRun, CliSession } from "../../testing/cli/session.ts";
import { SMALL_COMPANY } from "../../testing/cli/small-company.ts";
import { createScratchRepository, type ScratchRepository } from "../../testing/services/git-remote.ts";
import {
  GITHUB_TOKEN,
  type GithubService,
  startGithub,
} from "../../testing/services/github/github-service.ts";
import type { HostedRepository } from "../../testing/services/github/hosted-repository.ts";
import { openPorts } from "./open-ports.ts";
import { startedElsewhere } from "./start-elsewhere.ts";

const NAME = "acme/credentials";
const WORKFLOW = ".github/workflows/enforce.yml";

let github: GithubService;
let repository: ScratchRepository;
let hosted: HostedRepository;
let cre: CliSession;

beforeAll(async () => {
  github = await startGithub();
  const settings = `tagKey: { env: TAG_KEY }
  forge: { kind: github, repository: ${NAME}, url: "${github.url}", emergencyWorkflow: enforce.yml }`;
  repository = await createScratchRepository({
    ...SMALL_COMPANY,
    "policies/platform.yaml": (SMALL_COMPANY["policies/platform.yaml"] ?? "").replace(
      "tagKey: { env: TAG_KEY }",
      settings,
    ),
    [WORKFLOW]: "on: workflow_dispatch\n",
  });
  hosted = await github.host(NAME, { bare: repository.path });
  hosted.workflows.push({ id: 1, path: WORKFLOW, state: "active" });
  const clone = await repository.clone();
  cre = new CliSession(clone.path, { ...clone.env, CRE_ACTOR: "alice", GITHUB_TOKEN });
});
afterAll(async () => {
  await Promise.all([github.close(), repository.dispose()]);
});

async function compromise(
  env: Readonly<Record<string, string>>,
  ...more: readonly string[]
): Promise<CliRun> {
  const ran = await cre.run(["compromise", "orders-db", "--reason", "leaked", ...more], { env });
  await cre.run(["release", "orders-db", "--reason", "a drill"]);
  return ran;
}

test("an emergency that this machine lacks a secret for is started where the secrets are", async () => {
  const ran = await compromise({ PG_ADMIN: "x-admin-password" }, "--wait");
  expect(ran.out).toContain("the connection orders-hook needs the secret HOOK_KEY");
  expect(ran.out).toContain("the workflow enforce.yml of");
  expect(hosted.dispatches).toEqual([
    expect.objectContaining({
      workflow: "enforce.yml",
      ref: "main",
      inputs: { command: "run", credential: "orders-db" },
    }),
  ]);
  // Somebody waits for the proof, and there is none yet.
  expect(ran.code).toBe(3);
});

test("it is tried here where nothing is lacking", async () => {
  const clone = await repository.clone();
  const { signal } = new AbortController();
  const env = { ...clone.env, GITHUB_TOKEN, PG_ADMIN: "x-admin-password", HOOK_KEY: "x-hook-key" };
  const progress = { step: () => {}, warn: () => {} };
  const ports = await openPorts({ repo: clone.path, env, signal, progress, actor: "alice" });
  const before = hosted.dispatches.length;
  expect(await startedElsewhere(ports, "orders-db", signal)).toBeUndefined();
  expect(hosted.dispatches).toHaveLength(before);
});

test("where the workflow cannot be started it is said who must", async () => {
  github.fail("/dispatches", "denied");
  const ran = await compromise({});
  expect(ran.out).toMatch(/could not be started: .*start it by hand with the command run for orders-db/);
  expect(ran.code).toBe(3);
});
