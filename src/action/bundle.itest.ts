import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type BundledAction,
  bundledAction,
  type Step,
  type StepEnd,
} from "../testing/action/bundled-action.ts";
import { SMALL_COMPANY } from "../testing/cli/small-company.ts";
import { createScratchRepository, type ScratchRepository } from "../testing/services/git-remote.ts";
import {
  GITHUB_LOGIN,
  GITHUB_TOKEN,
  type GithubService,
  startGithub,
} from "../testing/services/github/github-service.ts";
import type { HostedRepository } from "../testing/services/github/hosted-repository.ts";
import type { Person } from "../testing/services/github/person.ts";
import { OUTPUTS } from "./contract.ts";

const CANARY = 'canary/of a "secret"+word';
const HOOK_KEY = "another-canary-of-the-hook";
/** What reaches for the network finds nobody. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  ...SMALL_COMPANY,
  "policies/platform.yaml": (SMALL_COMPANY["policies/platform.yaml"] ?? "")
    .replace("host: db.internal, port: 5432", "host: 127.0.0.1, port: 1, tls: { mode: disable }")
    .replace("https://orders.internal/", "http://127.0.0.1:1/"),
};
const BAD = `apiVersion: cre/v1
kind: Credential
metadata: { name: "::set-output name=x::y" }
spec:
  type: api-key
  service: "##[error]x"
  owner: { team: "nobody\\n::warning::z", contact: x@example.com }
  createdAt: 2026-01-01
  method: manual
  acess: []
`;

const NAME = "acme/credentials";
const KEY = `apiVersion: cre/v1
kind: Credential
metadata: { name: mail-key }
spec:
  type: api-key
  service: payments-api
  owner: { team: payments, contact: payments@example.com }
  createdAt: 2026-11-01
  method: manual
  access: []
`;

let action: BundledAction;
let repository: ScratchRepository;

beforeAll(async () => {
  [action, repository] = await Promise.all([bundledAction(), createScratchRepository(DOCUMENTS)]);
});
afterAll(async () => {
  await Promise.all([action.dispose(), repository.dispose()]);
});

/** Every line that the runner would take for a command. */
function commandsIn({ log, errors }: StepEnd): readonly string[] {
  return `${log}\n${errors}`.split("\n").filter((line) => /^\s*::|##\[/.test(line));
}

test("the bundle needs nothing beside it, and names the licence of what is in it", () => {
  const files = readdirSync(action.folder, { recursive: true, encoding: "utf8" });
  expect(files).toContain("main.mjs");
  const licenses = readFileSync(join(action.folder, "LICENSES.txt"), "utf8");
  for (const name of ["@actions/core", "js-yaml", "pg", "@aws-sdk/client-iam"]) {
    expect(licenses).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, "m"));
  }
});

test("validate passes where nothing is wrong, and needs no network", async () => {
  const clone = await repository.clone();
  const end = await action.run({ event: "push", workspace: clone.path, inputs: { command: "validate" } });
  expect(end).toMatchObject({ code: 0, outputs: { result: "done" } });
  expect(JSON.parse(end.report)).toMatchObject({ kind: "ActionReport", exit: 0, ok: true });
});

describe("report", () => {
  test("writes every format for an artifact, and the page of the run", async () => {
    const { path } = await repository.clone();
    const end = await action.run({ workspace: path, inputs: { command: "report" } });
    expect(end).toMatchObject({ code: 0, outputs: { result: "done", overdue: "2" } });
    expect(JSON.parse(end.report)).toMatchObject({ kind: "Report", population: { credentials: 5 } });
    const folder = end.outputs["report-path"] ?? "";
    expect(readdirSync(folder).toSorted()).toEqual(
      [
        "api",
        "csv",
        "index.html",
        "manifest.json",
        "oscal.json",
        "report.json",
        "report.junit.xml",
        "report.md",
        "report.pdf",
        "report.sarif",
      ].toSorted(),
    );
    expect(end.summary).toContain("# Credential rotation report");
    // Its fonts, which no package above the bundle has, are beside it.
    expect(readFileSync(join(folder, "report.pdf")).toString("latin1")).toMatch(/^%PDF-1\.7\n[^]*FontFile2/);
  });

  test("never runs for a pull request", async () => {
    const { path } = await repository.clone();
    const end = await action.run({ workspace: path, event: "pull_request", inputs: { command: "report" } });
    expect(end).toMatchObject({ code: 2 });
  });
});

describe("run", () => {
  let end: StepEnd;
  beforeAll(async () => {
    const clone = await repository.clone();
    end = await action.run({
      workspace: clone.path,
      env: { ...clone.env, PG_ADMIN: CANARY, HOOK_KEY },
      inputs: { command: "run", "fail-on": "emergency" },
    });
  });

  test("acts, records on the state branch, and says how it went", async () => {
    expect(end).toMatchObject({ code: 3 });
    expect(end.outputs).toMatchObject({ "exit-code": "3", result: "needs-person", overdue: "2" });
    expect(Number(end.outputs["compliance-strict"])).toBeLessThan(1);
    const trail = await repository.git("log", "--format=%B", "cre/state");
    expect(trail).toContain(`Run: ${end.outputs["run-id"]}`);
    expect(await repository.git("grep", "-h", "actor", "cre/state", "--", "audit")).toContain(
      '"actor":"workflow enforce"',
    );
    expect(end.summary).toContain("#### Needs a person");
    expect(end.summary).toMatch(/\| Credentials \| Active \|/);
    expect(JSON.parse(end.report)).toMatchObject({ command: "run", run: end.outputs["run-id"] });
    expect(Object.keys(end.outputs).toSorted()).toEqual(OUTPUTS.map(({ name }) => name).toSorted());
  });

  test("hides every form of the secrets that it reads before anything else is said of them", () => {
    const masks = end.log
      .split("\n")
      .filter((line) => line.startsWith("::add-mask::"))
      .map((line) => line.slice("::add-mask::".length).replaceAll("%25", "%"));
    const bytes = Buffer.from(CANARY);
    for (const form of [
      CANARY,
      bytes.toString("hex"),
      bytes.toString("base64url").slice(0, 20),
      encodeURIComponent(CANARY),
      JSON.stringify(CANARY).slice(1, -1),
    ]) {
      expect(masks.some((mask) => mask.startsWith(form))).toBe(true);
    }
    const told = end.log.split("\n").filter((line) => !line.startsWith("::add-mask::"));
    for (const text of [told.join("\n"), end.errors, end.summary, end.report, JSON.stringify(end.outputs)]) {
      expect([...masks, HOOK_KEY].filter((form) => text.includes(form))).toEqual([]);
    }
  });

  test("says nothing that the runner could take for a command of somebody else", () => {
    expect(
      commandsIn(end).filter((line) => !/^::(add-mask|error|warning|group|endgroup)\b/.test(line)),
    ).toEqual([]);
  });

  test("on another event or ref is refused before anything is looked at", async () => {
    const places = [
      { event: "pull_request", ref: "refs/pull/7/merge" },
      { event: "workflow_run" },
      { event: "workflow_dispatch", ref: "refs/heads/feature" },
    ];
    const ends = await Promise.all(
      places.map(async (place) => action.run({ ...place, inputs: { command: "run", zone: "WRONG" } })),
    );
    for (const refused of ends) {
      expect(refused.code).toBe(2);
      expect(refused.log).toMatch(/never runs on the event|runs on the default branch main only/);
      expect(refused.log).not.toMatch(/zone|repository/);
    }
  });

  test("is interrupted by the runner's signal, and says so", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
    // `as`: it listens on a port.
    const { port } = silent.address() as { port: number };
    const clone = await repository.clone();
    await clone.git("remote", "set-url", "origin", `http://127.0.0.1:${port}/x.git`);
    const interrupted = await action.run({
      workspace: clone.path,
      env: clone.env,
      inputs: { command: "run" },
      started: (child) => silent.once("connection", () => child.kill("SIGINT")),
    });
    silent.close();
    expect(interrupted).toMatchObject({ code: 4 });
    expect(interrupted.outputs).toMatchObject({ "exit-code": "4", result: "interrupted" });
  });
});

describe("a pull request", () => {
  let github: GithubService;
  let hosted: HostedRepository;
  let alice: Person;
  beforeAll(async () => {
    github = await startGithub();
    hosted = await github.host(NAME, { bare: repository.path });
    alice = github.as("alice", NAME);
  });
  afterAll(async () => github.close());

  /** What the workflow does for a pull request: a checkout of its newest commit, and the step. */
  async function check(branch: string, number: number, step: Partial<Step> = {}): Promise<StepEnd> {
    const clone = await repository.clone({ args: ["--branch", branch] });
    const base = await clone.git("rev-parse", "origin/main");
    const repo = { full_name: NAME };
    return action.run({
      event: "pull_request",
      ref: `refs/pull/${number}/merge`,
      payload: {
        pull_request: { number, base: { sha: base }, head: { repo } },
        repository: { ...repo, default_branch: "main" },
      },
      workspace: clone.path,
      env: { ...clone.env, GITHUB_API_URL: github.url, GITHUB_TOKEN },
      inputs: { command: "validate", "fail-on": "emergency" },
      ...step,
    });
  }

  function commentsOf(number: number): readonly string[] {
    return hosted.issues[number - 1]?.comments.map(({ body, author }) => `${author}: ${body}`) ?? [];
  }

  test("is annotated at file and line, no name becomes a command, and each push changes the one comment", async () => {
    await alice.push({ branch: "key", files: { "registry/::bad.yaml": BAD } });
    const number = await alice.openPull({ branch: "key" });
    const bad = await check("key", number);
    expect(bad).toMatchObject({ code: 2, outputs: { result: "invalid", "exit-code": "2" } });
    const commands = commandsIn(bad);
    expect(commands.filter((line) => !/^::(add-mask|error|warning)\b/.test(line))).toEqual([]);
    const errors = commands.filter((line) => line.startsWith("::error "));
    expect(errors.join("\n")).toContain("acess");
    for (const line of errors) {
      expect(line).toMatch(/^::error title=[a-z-]+,file=registry\/%3A%3Abad\.yaml,line=\d+,col=\d+::/);
    }
    expect(bad.log).toContain(`::add-mask::${GITHUB_TOKEN}\n`);
    expect(bad.summary).toContain("acess");
    expect(commentsOf(number)).toHaveLength(1);

    await alice.push({ branch: "key", files: { "registry/::bad.yaml": null, "registry/mail.yaml": KEY } });
    expect(await check("key", number)).toMatchObject({
      code: 0,
      outputs: { result: "done" },
      summary: expect.stringContaining("What this change does to credentials"),
    });
    const [comment = "", ...others] = commentsOf(number);
    expect(others).toEqual([]);
    expect(comment.startsWith(`${GITHUB_LOGIN}: <!-- cre:impact -->`)).toBe(true);
    expect(comment).toContain("mail-key");
    expect(comment).not.toContain("[!CAUTION]");

    await alice.push({ branch: "key", files: { "registry/mail.yaml": null } });
    expect(await check("key", number)).toMatchObject({ code: 0 });
    expect(commentsOf(number)).toEqual([expect.stringContaining("hanges nothing")]);
  });

  test("that touches no document gets no comment", async () => {
    await alice.push({ branch: "docs", files: { "README.md": "hello\n" } });
    const number = await alice.openPull({ branch: "docs" });
    expect(await check("docs", number)).toMatchObject({ code: 0 });
    expect(commentsOf(number)).toEqual([]);
  });

  test("under which the token may not write does not fail: the page of the run says it all", async () => {
    await alice.push({ branch: "fork", files: { "registry/mail.yaml": KEY } });
    const number = await alice.openPull({ branch: "fork" });
    github.fail("/issues/{issue_number}/comments", "denied", 2);
    const end = await check("fork", number);
    github.mend();
    expect(end).toMatchObject({ code: 0, summary: expect.stringContaining("mail-key") });
    expect(end.log).toContain("The comment under the pull request could not be written");
    expect(commentsOf(number)).toEqual([]);
  });

  test("that is merged is what the next scheduled run goes by: an issue is opened, and closed when it is healed", async () => {
    const merge = async (branch: string, files: Readonly<Record<string, string>>): Promise<void> => {
      await alice.push({ branch, files });
      const number = await alice.openPull({ branch });
      await github.as("bob", NAME).review(number, "APPROVED");
      await alice.merge(number);
    };
    const scheduled = async (): Promise<StepEnd> => {
      const clone = await repository.clone();
      const env = { ...clone.env, GITHUB_API_URL: github.url, GITHUB_TOKEN };
      return action.run({ workspace: clone.path, env, inputs: { command: "run", credential: "" } });
    };
    const issue = () => hosted.issues.find(({ title }) => title.includes("orders-old-key"));

    const platform = DOCUMENTS["policies/platform.yaml"] ?? "";
    await merge("forge", {
      "policies/platform.yaml": platform.replace("tagKey:", "forge: { kind: github }\n  tagKey:"),
    });
    await scheduled();
    expect(issue()).toMatchObject({ state: "open", author: GITHUB_LOGIN });

    const orders = DOCUMENTS["registry/orders.yaml"] ?? "";
    const today = new Date().toISOString().slice(0, 10);
    const healed = orders.replace("createdAt: 2025-01-01", `createdAt: 2025-01-01\n  rotatedAt: ${today}`);
    await merge("heal", { "registry/orders.yaml": healed });
    await scheduled();
    expect(issue()).toMatchObject({ state: "closed" });
  });
});

test("hold and release work from a form, and are on record", async () => {
  const clone = await repository.clone();
  const step = { event: "workflow_dispatch", workspace: clone.path, env: clone.env };
  const form = { credential: "orders-db", reason: "::add-mask::x", "revoke-first": "false", id: "" };
  const held = await action.run({ ...step, inputs: { command: "hold", until: "4h", ...form } });
  expect(held).toMatchObject({ code: 0 });
  expect(commandsIn(held).filter((line) => line.includes("add-mask"))).toEqual([]);
  const released = await action.run({
    ...step,
    inputs: { command: "release", id: "orders-db", reason: "over" },
  });
  expect(released.outputs["summary"]).toContain("is released");
  expect(await repository.git("log", "--format=%s", "-2", "cre/state")).toContain("release orders-db-");
  expect(await repository.git("grep", "-h", "hold.released", "cre/state", "--", "audit")).toContain(
    '"actor":"alice"',
  );
});

test("wrong inputs are told all at once, and so is a search where no source is declared", async () => {
  const wrong = await action.run({ inputs: { command: "run", zone: "Not A Name", "fail-on": "high" } });
  expect(wrong.code).toBe(2);
  expect(wrong.log).toMatch(/fail-on: .*zone: /);
  const { path } = await repository.clone();
  const undeclared = await action.run({ workspace: path, inputs: { command: "discover" } });
  expect(undeclared).toMatchObject({ code: 2, log: expect.stringContaining("declare no source") });
});
