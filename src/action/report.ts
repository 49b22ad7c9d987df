import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CreError } from "../core/model/errors.ts";
import { type ExitCode, worstExit } from "../core/model/exit-code.ts";
import { ratioText } from "../core/report/ratio-text.ts";
import type { ActionHost } from "./host.ts";
import { type Outcome, problemAnnotation } from "./outcome.ts";
import type { ReportSettings } from "./settings.ts";

/** The report of now in every format, in a folder of the job for an artifact step. It reads the checkout and the records only. */
export async function report({ path }: ReportSettings, host: ActionHost): Promise<Outcome> {
  const { env, signal, job } = host;
  const temp = env["RUNNER_TEMP"] ?? "";
  if (temp === "") {
    throw new CreError("usage", "there is no folder for the report: RUNNER_TEMP is not set", {
      fix: "run it in a job of a runner, or use the command line: `cre report --out DIR`",
    });
  }
  const { reportersFor } = await import("../app/reporting/formats.ts");
  const { reportOf } = await import("../app/reporting/report.ts");
  const { writeReport } = await import("../app/reporting/report-folder.ts");
  const { evaluationReport } = await import("../core/evaluate/evaluation-report.ts");
  const step = (text: string): void => job.log(text);
  const look = { repo: resolve(host.workspace, path), env, clock: host.now(), signal };
  const { model, sight } = await reportOf(look, step);
  const folder = join(temp, "cre-report");
  const reporters = reportersFor(undefined);
  const manifest = await writeReport(model, { folder, reporters, generatedAt: look.clock, signal, step });

  const { identity, health, scorecard, population } = model;
  const isBroken = health.chain.verdict === "broken";
  const codes: ExitCode[] = [
    sight.problems.length > 0 ? 2 : 0,
    isBroken || health.unreadableRecords.length > 0 ? 3 : 0,
  ];
  return {
    exit: worstExit(codes),
    summary: `${population.credentials} credentials: ${ratioText(scorecard.strict)} strict, ${ratioText(scorecard.adjusted)} with exceptions`,
    evaluation: evaluationReport(sight.evaluation),
    annotations: [
      ...sight.problems.map((problem) => problemAnnotation("error", problem, path)),
      ...identity.warnings.map((message) => ({
        level: isBroken ? ("error" as const) : ("warning" as const),
        title: "credential-rotation-enforcer",
        message,
      })),
    ],
    markdown: readFileSync(join(folder, "report.md"), "utf8"),
    lines: [`${manifest.files.length} files in ${folder}`],
    report: {},
    reportPath: folder,
  };
}
