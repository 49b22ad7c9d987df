import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreError } from "../core/model/errors.ts";
import { type ExitCode, exitOf } from "../core/model/exit-code.ts";
import { markdownText } from "../core/text/encode/markdown.ts";
import { plainLine } from "../core/text/plain-line.ts";
import { actOn } from "./acting.ts";
import { discover } from "./discover.ts";
import { triggerOf } from "./event.ts";
import { type HiddenTexts, hiddenTexts } from "./hidden-texts.ts";
import type { ActionHost } from "./host.ts";
import type { Job } from "./job.ts";
import { type Outcome, resultOf, shownAnnotations } from "./outcome.ts";
import { report } from "./report.ts";
import { commandOf, readSettings } from "./settings.ts";
import { refusalOf, type Trigger } from "./trigger.ts";
import { validate } from "./validate.ts";

const INTERRUPTED: Outcome = {
  exit: 4,
  summary: "interrupted; what was known is recorded, and the next run goes on",
  annotations: [],
  markdown: "",
  lines: [],
  report: {},
};

/** Runs one step to its end and tells the job. Never throws; the exit code says how it went. */
export async function runAction(host: ActionHost): Promise<ExitCode> {
  const hidden = hiddenTexts();
  const outcome = await outcomeOf(host, hidden);
  const exit = host.signal.aborted ? 4 : outcome.exit;
  await tell({ ...outcome, exit }, host);
  return exit;
}

async function outcomeOf(host: ActionHost, hidden: HiddenTexts): Promise<Outcome> {
  try {
    return await perform(host, hidden);
  } catch (error) {
    // Whatever failed then failed because of it.
    return host.signal.aborted ? INTERRUPTED : failure(error, host.env, hidden);
  }
}

async function perform(host: ActionHost, hidden: HiddenTexts): Promise<Outcome> {
  const command = commandOf(host.read);
  const trigger: Trigger = triggerOf(host.env, host.event);
  const refusal = refusalOf(command, trigger);
  if (refusal !== undefined) {
    throw new CreError("not-here", refusal, {
      fix: "run it on a schedule or by workflow_dispatch, on the default branch; a pull request gets `command: validate`",
    });
  }
  const settings = readSettings(command, host.read, host.now());
  if (settings.command === "validate") return validate(settings, trigger, host, hidden);
  if (settings.command === "report") return report(settings, host);
  if (settings.command === "discover") return discover(settings, host, hidden);
  return actOn(settings, trigger, host, hidden);
}

/** An expected failure as problem, evidence and fix; a bug as one line, with its stack under CRE_DEBUG=1. */
function failure(error: unknown, env: ActionHost["env"], hidden: HiddenTexts): Outcome {
  const message = hidden.remove(error instanceof Error ? error.message : String(error));
  const text =
    error instanceof CreError
      ? hidden.remove(error.describe())
      : `cre failed in a way it should not: ${message}\nFix: run it again with CRE_DEBUG=1 and report what it prints.`;
  const stack = env["CRE_DEBUG"] === "1" && error instanceof Error ? [hidden.remove(error.stack ?? "")] : [];
  return {
    exit: exitOf(error),
    summary: message,
    annotations: [{ level: "error", title: "credential-rotation-enforcer", message: text }],
    markdown: text
      .split("\n")
      .slice(1)
      .map((line) => `${markdownText(line)}\n`)
      .join("\n"),
    lines: stack,
    report: { error: error instanceof CreError ? error.code : "bug" },
  };
}

async function tell(outcome: Outcome, { job, env }: ActionHost): Promise<void> {
  const { exit, annotations, lines, markdown } = outcome;
  const summary = plainLine(outcome.summary);
  for (const line of lines) job.log(line);
  for (const annotation of shownAnnotations(annotations)) job.annotate(annotation);
  job.log(`${resultOf(exit)}: ${summary}`);
  await unlessItFails(job, "outputs", () => setOutputs(outcome, summary, job));
  const headline = `### Credential rotation: ${resultOf(exit).replace("-", " a ")}\n\n${markdownText(summary)}\n\n`;
  await unlessItFails(job, "job summary", async () => job.summarize(`${headline}${markdown}`));
  await unlessItFails(job, "report file", () => {
    const path = outcome.reportPath ?? reportFile(outcome, summary, env);
    if (path !== undefined) job.output("report-path", path);
  });
}

function setOutputs({ exit, runId, started, evaluation }: Outcome, summary: string, job: Job): void {
  job.output("exit-code", String(exit));
  job.output("result", resultOf(exit));
  job.output("summary", summary);
  if (runId !== undefined) job.output("run-id", runId);
  if (started !== undefined) job.output("started", String(started));
  if (evaluation === undefined) return;
  const { expired, compliance } = evaluation.summary;
  job.output("overdue", String(expired));
  job.output("compliance-strict", fraction(compliance.strict));
  job.output("compliance-adjusted", fraction(compliance.adjusted));
}

/** Empty where nothing is there to be compliant. */
function fraction(value: number | null): string {
  return value === null ? "" : String(value);
}

function reportFile(
  { exit, runId, started, evaluation, report }: Outcome,
  summary: string,
  env: ActionHost["env"],
): string | undefined {
  const folder = env["RUNNER_TEMP"] ?? "";
  if (folder === "") return undefined;
  const path = join(folder, `cre-report-${runId ?? "none"}.json`);
  const head = { apiVersion: "cre/v1", kind: "ActionReport", exit, result: resultOf(exit), summary };
  // The command's own report knows nothing of `fail-on`: the step's exit code stands.
  const whole = { ...head, runId, started, ...report, ...head, evaluation };
  writeFileSync(path, `${JSON.stringify(whole, undefined, 2)}\n`);
  return path;
}

/** What only tells about a command must not make it fail. */
async function unlessItFails(job: Job, what: string, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    job.log(`The ${what} could not be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
