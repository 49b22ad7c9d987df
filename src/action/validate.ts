import { resolve } from "node:path";
import type { Impact } from "../app/looking/impact.ts";
import type { LookOptions } from "../app/looking/sight.ts";
import type { Validation } from "../app/looking/validation.ts";
import { failAt } from "../core/evaluate/fail-at.ts";
import { CreError } from "../core/model/errors.ts";
import { type ExitCode, worstExit } from "../core/model/exit-code.ts";
import { counted } from "../core/text/counted.ts";
import { markdownText } from "../core/text/encode/markdown.ts";
import type { HiddenTexts } from "./hidden-texts.ts";
import type { ActionHost } from "./host.ts";
import { type Outcome, problemAnnotation } from "./outcome.ts";
import type { ValidateSettings } from "./settings.ts";
import { standing } from "./standing.ts";
import { summaryTables } from "./summary-page.ts";
import type { Trigger } from "./trigger.ts";

type ImpactReport = Impact["report"];

/**
 * Checks the documents of the checkout; on a pull request those that it changes, and says what the change does. It
 * reads the checkout and the records, and speaks to nobody but the pull request.
 */
export async function validate(
  settings: ValidateSettings,
  trigger: Trigger,
  host: ActionHost,
  hidden: HiddenTexts,
): Promise<Outcome> {
  const { validation } = await import("../app/looking/validation.ts");
  const { env, signal } = host;
  const { path } = settings;
  const repo = resolve(host.workspace, path);
  const since = settings.since ?? trigger.pullRequest?.base;
  const look = { repo, env, clock: host.now(), signal };
  const found = await validation(look, since);
  const notes: string[] = [];
  const impact = since === undefined ? undefined : await impactSince(look, since, notes);
  if (impact !== undefined) {
    const touches = found.report.documents > 0 || changesAnything(impact);
    await comment(impact, touches, settings, trigger, host, hidden, notes);
  }
  const evaluation = await standing(repo, host);
  for (const note of notes) host.job.log(note);

  const { report, warnings } = found;
  const { problems, documents } = report;
  const codes: ExitCode[] = [
    report.ok ? 0 : 2,
    failAt(settings.failOn, impact?.findings.appeared ?? evaluation?.findings ?? []),
  ];
  const said = `${counted(documents, "document")}, ${report.ok ? "no problem" : counted(problems.length, "problem")}`;
  return {
    exit: worstExit(codes),
    summary: impact === undefined ? said : `${said}. ${impact.headline}`,
    ...(evaluation === undefined ? {} : { evaluation }),
    annotations: [
      ...problems.map((problem) => problemAnnotation("error", problem, path)),
      ...warnings.map((warning) => problemAnnotation("warning", warning, path)),
    ],
    markdown: await page(found, impact, notes),
    lines: problems.map(
      (problem) => `${place(problem)}:${problem.column} ${problem.code} ${problem.message}`,
    ),
    report: { command: settings.command, ...report, warnings, impact },
  };
}

/** What the change does is worth telling, and no reason to fail where it cannot be told. */
async function impactSince(
  look: LookOptions,
  since: string,
  notes: string[],
): Promise<ImpactReport | undefined> {
  try {
    const { impactOf } = await import("../app/looking/impact.ts");
    return (await impactOf(look, since)).report;
  } catch (error) {
    if (!(error instanceof CreError)) throw error;
    notes.push(`What the change does cannot be said: ${error.describe()}`);
    return undefined;
  }
}

/** The comment under the pull request, where this run may write one: it is on the page of the run in any case. */
async function comment(
  impact: ImpactReport,
  touches: boolean,
  settings: ValidateSettings,
  { event, pullRequest }: Trigger,
  { env, job, signal }: ActionHost,
  hidden: HiddenTexts,
  notes: string[],
): Promise<void> {
  if (!settings.comment || pullRequest === undefined || !event.startsWith("pull_request")) return;
  // GitHub gives such a run a token that can only read.
  if (pullRequest.isFork && event === "pull_request") {
    notes.push("No comment under a pull request from a fork: GitHub lets its runs only read.");
    return;
  }
  try {
    const { keepImpactComment } = await import("../app/looking/pull-request-comment.ts");
    const mask = (form: string): void => {
      hidden.add(form);
      job.mask(form);
    };
    const log = (line: string): void => job.log(line);
    const progress = { step: log, warn: log };
    await keepImpactComment(pullRequest.number, impact, touches, { env, progress, mask, signal });
  } catch (error) {
    if (!(error instanceof CreError)) throw error;
    notes.push(`The comment under the pull request could not be written: ${hidden.remove(error.describe())}`);
  }
}

function changesAnything(impact: ImpactReport): boolean {
  const { risks, added, removed, renamed, retired, standings, dueDates, findings, rotations } = impact;
  const lists = [risks, added, removed, renamed, retired, standings, dueDates];
  return [...lists, findings.appeared, findings.vanished, rotations.follow, rotations.noLonger].some(
    ({ length }) => length > 0,
  );
}

async function page(
  { report, warnings, allowances }: Validation,
  impact: ImpactReport | undefined,
  notes: readonly string[],
): Promise<string> {
  const columns = ["Place", "Problem", "Fix"];
  const rowOf = (found: (typeof warnings)[number]): string[] => [place(found), found.message, found.fix];
  const tables = [
    // The impact tells of them first.
    { title: "Problems", columns, rows: impact === undefined ? report.problems.map(rowOf) : [] },
    { title: "Warnings", columns, rows: warnings.map(rowOf) },
    {
      title: "Allowed although it looks like a secret",
      columns: ["Place", "Reason"],
      rows: allowances.map((allowance) => [place(allowance), allowance.reason]),
    },
  ];
  const said = notes.map((note) => `> ${markdownText(note)}\n\n`).join("");
  if (impact === undefined) return summaryTables(tables, said);
  const { impactComment } = await import("../app/looking/impact-comment.ts");
  return summaryTables(tables, `${said}${impactComment(impact)}`);
}

function place({ file, line }: { readonly file: string; readonly line: number }): string {
  return `${file}:${line}`;
}
