import { resolve } from "node:path";
import type { HiddenTexts } from "./hidden-texts.ts";
import type { ActionHost } from "./host.ts";
import { type Outcome, problemAnnotation } from "./outcome.ts";
import type { ValidateSettings } from "./settings.ts";
import { summaryTables } from "./summary-page.ts";
import type { Trigger } from "./trigger.ts";

/** Checks the documents of the checkout; on a pull request those that it changes, and says what the change does. */
export async function validate(
  settings: ValidateSettings,
  trigger: Trigger,
  host: ActionHost,
  _hidden: HiddenTexts,
): Promise<Outcome> {
  const { validation } = await import("../app/looking/validation.ts");
  const { env, signal } = host;
  const { path } = settings;
  const since = settings.since ?? trigger.pullRequest?.base;
  const look = { repo: resolve(host.workspace, path), env, clock: host.now(), signal };
  const { report, warnings, allowances } = await validation(look, since);
  const { problems, documents } = report;
  const columns = ["Place", "Problem", "Fix"];
  const rowOf = (found: (typeof warnings)[number]): string[] => [place(found), found.message, found.fix];
  return {
    exit: report.ok ? 0 : 2,
    summary: `${counted(documents, "document")}, ${report.ok ? "no problem" : counted(problems.length, "problem")}`,
    annotations: [
      ...problems.map((problem) => problemAnnotation("error", problem, path)),
      ...warnings.map((warning) => problemAnnotation("warning", warning, path)),
    ],
    markdown: summaryTables([
      { title: "Problems", columns, rows: problems.map(rowOf) },
      { title: "Warnings", columns, rows: warnings.map(rowOf) },
      {
        title: "Allowed although it looks like a secret",
        columns: ["Place", "Reason"],
        rows: allowances.map((allowance) => [place(allowance), allowance.reason]),
      },
    ]),
    lines: problems.map(
      (problem) => `${place(problem)}:${problem.column} ${problem.code} ${problem.message}`,
    ),
    report: { command: settings.command, ...report, warnings },
  };
}

function place({ file, line }: { readonly file: string; readonly line: number }): string {
  return `${file}:${line}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
