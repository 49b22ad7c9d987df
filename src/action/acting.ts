import { resolve } from "node:path";
import type { Acting, RunReport } from "../app/acting.ts";
import { failAt } from "../core/evaluate/fail-at.ts";
import { type ExitCode, worstExit } from "../core/model/exit-code.ts";
import { actingMarkdown, actingText } from "./acting-page.ts";
import type { HiddenTexts } from "./hidden-texts.ts";
import type { ActionHost } from "./host.ts";
import type { Annotation } from "./job.ts";
import { type Outcome, problemAnnotation } from "./outcome.ts";
import type { ActingSettings } from "./settings.ts";
import { standing } from "./standing.ts";
import type { Trigger } from "./trigger.ts";

/** One command with effects, in the repository that the workflow checked out. */
export async function actOn(
  settings: ActingSettings,
  trigger: Trigger,
  host: ActionHost,
  hidden: HiddenTexts,
): Promise<Outcome> {
  const { openActing } = await import("../app/acting/open-acting.ts");
  const { job, env, signal } = host;
  const repo = resolve(host.workspace, settings.path);
  const acting = openActing({
    repo,
    progress: { step: (line) => job.log(line), warn: (line) => job.log(`warning: ${line}`) },
    signal,
    env,
    actor: actorOf(env, trigger),
    mask: (form) => {
      hidden.add(form);
      job.mask(form);
    },
  });
  const report = without(
    hidden,
    await job.group(`cre ${settings.command}`, async () => perform(settings, acting)),
  );
  const evaluation = await standing(repo, host);
  const codes: ExitCode[] = [report.exit, failAt(settings.failOn, evaluation?.findings ?? [])];
  return {
    exit: worstExit(codes),
    summary: report.summary,
    runId: report.run,
    started: report.plan.filter(({ action }) => action === "start").length,
    ...(evaluation === undefined ? {} : { evaluation }),
    annotations: annotationsOf(report, settings.path),
    markdown: actingMarkdown(report, evaluation),
    lines: actingText(report),
    report: { command: settings.command, ...report },
  };
}

/** What servers and programs said may be in a line: nothing of it is read by people before it was looked through. */
function without(hidden: HiddenTexts, report: RunReport): RunReport {
  return {
    ...report,
    lines: report.lines.map((line) => ({ ...line, text: hidden.remove(line.text) })),
    summary: hidden.remove(report.summary),
  };
}

async function perform(settings: ActingSettings, acting: Acting): Promise<RunReport> {
  const zone = settings.zone === undefined ? {} : { zone: settings.zone };
  switch (settings.command) {
    case "run": {
      const { credentials } = settings;
      return acting.runScheduled(
        credentials.length === 0 ? zone : { ...zone, selectors: { only: credentials } },
      );
    }
    case "compromise": {
      const { credential, reason, revokeFirst, wait } = settings;
      return acting.declareIncident({ credential, reason, revokeFirst, wait, ...zone });
    }
    case "hold": {
      const { credentials, until, reason } = settings;
      return acting.pressHold({ credentials, until, reason });
    }
    case "release":
      return acting.release({ id: settings.id, reason: settings.reason });
  }
}

/** Documents' problems at their places, then what a person must see to. */
function annotationsOf({ problems, lines }: RunReport, path: string): readonly Annotation[] {
  const title = "credential-rotation-enforcer";
  return [
    ...problems.map((problem) => problemAnnotation("error", problem, path)),
    ...lines.flatMap(({ level, text }): Annotation[] =>
      level === "info" ? [] : [{ level, title, message: text }],
    ),
  ];
}

/**
 * Who is behind the command, for the trail. GitHub names the person who last changed a schedule as the actor of its
 * runs, who has nothing to do with them.
 */
function actorOf(env: ActionHost["env"], { event }: Trigger): string {
  const person = env["GITHUB_TRIGGERING_ACTOR"] || env["GITHUB_ACTOR"] || "";
  if (event === "schedule" || person === "") return `workflow ${env["GITHUB_WORKFLOW"] || "without a name"}`;
  return person;
}
