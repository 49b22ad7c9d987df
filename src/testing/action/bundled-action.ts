import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleAction } from "../../tools/bundle-action.ts";

/** How one step ended, and what the runner would take from it. */
export interface StepEnd {
  readonly code: number | null;
  readonly log: string;
  readonly errors: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** The file that `report-path` names, or `report.json` of the folder. */
  readonly report: string;
}

export interface Step {
  /** Without the variables of the runner, which are made of the rest. */
  readonly env?: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly event?: string;
  readonly ref?: string;
  readonly payload?: unknown;
  /** Default: an empty folder. */
  readonly workspace?: string;
  /** Told the process once it runs. */
  readonly started?: (child: ChildProcess) => void;
}

/** The bundle in a folder of its own, started as the runner starts it. */
export interface BundledAction {
  readonly folder: string;
  run(step: Step): Promise<StepEnd>;
  dispose(): Promise<void>;
}

/** Bundles the action of this checkout and starts it as GitHub's runner does: variables, files, and nothing else. */
export async function bundledAction(): Promise<BundledAction> {
  const root = await mkdtemp(join(tmpdir(), "cre-action-"));
  const folder = join(root, "action");
  await bundleAction(folder);
  return {
    folder,
    run: async (step) => runStep(join(folder, "main.mjs"), await mkdtemp(join(root, "step-")), step),
    dispose: async () => rm(root, { recursive: true, force: true }),
  };
}

async function runStep(main: string, folder: string, step: Step): Promise<StepEnd> {
  const { event = "schedule", ref = "refs/heads/main", workspace = folder, inputs } = step;
  const path = (name: string): string => join(folder, name);
  const payload = step.payload ?? { repository: { default_branch: "main", full_name: "acme/credentials" } };
  for (const name of ["output", "summary.md"]) await writeFile(path(name), "");
  await writeFile(path("event.json"), JSON.stringify(payload));
  const child = spawn(process.execPath, [main], {
    cwd: workspace,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      ...step.env,
      CI: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_ACTOR: "alice",
      GITHUB_EVENT_NAME: event,
      GITHUB_EVENT_PATH: path("event.json"),
      GITHUB_OUTPUT: path("output"),
      GITHUB_REF: ref,
      GITHUB_REPOSITORY: "acme/credentials",
      GITHUB_STEP_SUMMARY: path("summary.md"),
      GITHUB_WORKFLOW: "enforce",
      GITHUB_WORKSPACE: workspace,
      RUNNER_TEMP: folder,
      ...Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
      ),
    },
  });
  step.started?.(child);
  const [log, errors] = [collected(child.stdout), collected(child.stderr)];
  const code = await new Promise<number | null>((done, failed) => {
    child.on("error", failed);
    child.on("close", done);
  });
  const outputs = outputsIn(await readFile(path("output"), "utf8"));
  const { "report-path": report } = outputs;
  return {
    code,
    log: log(),
    errors: errors(),
    outputs,
    summary: await readFile(path("summary.md"), "utf8"),
    report: report === undefined ? "" : await readFile(await reportFile(report), "utf8"),
  };
}

/** The command `report` names a folder. */
async function reportFile(path: string): Promise<string> {
  return (await stat(path)).isDirectory() ? join(path, "report.json") : path;
}

function collected(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString("utf8");
}

/** `name<<delimiter`, lines, `delimiter`. */
function outputsIn(text: string): Record<string, string> {
  const found = text.matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n\2$/gm);
  return Object.fromEntries(Array.from(found, ([, name, , value]) => [name, value]));
}
