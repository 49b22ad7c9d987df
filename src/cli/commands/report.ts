import { resolve } from "node:path";
import type { Sight } from "../../app/looking/sight.ts";
import type { Manifest } from "../../app/reporting/manifest.ts";
import { worstExit } from "../../core/model/exit-code.ts";
import { ratioText } from "../../core/report/ratio-text.ts";
import type { ReportModel } from "../../core/report/report-schema.ts";
import { counted } from "../../core/text/counted.ts";
import type { Command, Invocation } from "../command.ts";
import { chosen, lookOptions, soundness } from "../looking.ts";
import { CLOCK, PERIOD, SELECTORS } from "../options.ts";
import { tellProblems } from "../problem-lines.ts";
import { productVersion } from "../version.ts";

export const report: Command = {
  name: "report",
  group: "Prove",
  summary: "Everything that is registered, as files for people and for programs.",
  detail: [
    "Writes the chosen formats into a folder, all from one model, with equal numbers, and manifest.json with the digest of every file. The same documents, records and instant give the same bytes; when it was made stands in the manifest alone.",
    "A report that was written to the folder before is replaced. Files that are not its own, or were changed since, are never overwritten. A broken audit chain stops no report: it is said on the first page, and the exit code is 3.",
  ],
  args: [],
  options: [
    { name: "out", value: "DIR", required: true, summary: "Folder that gets the files." },
    {
      name: "format",
      value: "LIST",
      summary: "Some of html,pdf,json,api,csv,markdown,sarif,oscal,junit; default: all.",
    },
    PERIOD,
    ...SELECTORS,
    ...CLOCK,
  ],
  examples: [
    { line: "cre report --out report", does: "The report of now, in every format" },
    {
      line: "cre report --out q3 --as-of 2026-10-01 --format csv,json",
      does: "How it stood at the end of the quarter: evidence",
    },
    {
      line: "cre report --out q3 --period 2026-Q3",
      does: "What fell due in the quarter, what was done in time, and how it all stood at its end",
    },
  ],
  run: async (invocation, context) => {
    const { terminal, signal } = context;
    const { reportersFor } = await import("../../app/reporting/formats.ts");
    const reporters = reportersFor(invocation.value("format"));
    const { reportOf } = await import("../../app/reporting/report.ts");
    const { writeReport } = await import("../../app/reporting/report-folder.ts");
    const step = (text: string): void => terminal.note(text);
    const period = invocation.value("period");
    const { model, sight } = await reportOf(lookOptions(invocation, context), step, {
      ...(period === undefined ? {} : { period }),
      select: (found) => selectionOf(found, invocation),
    });
    tellProblems(terminal, sight.problems);
    for (const warning of model.identity.warnings) terminal.warn(warning);
    const out = invocation.value("out") ?? "";
    const folder = resolve(context.cwd, out);
    const generatedAt = context.now();
    const version = productVersion();
    const manifest = await writeReport(model, { folder, reporters, generatedAt, version, signal, step });
    terminal.result(resultText(model, manifest, out));
    return worstExit([soundness(sight), model.health.chain.verdict === "broken" ? 3 : 0]);
  },
};

/** The chosen credentials, with the options that chose them. */
async function selectionOf(
  sight: Sight,
  invocation: Invocation,
): Promise<{ readonly names: ReadonlySet<string>; readonly words: string } | undefined> {
  const names = await chosen(sight, invocation);
  if (names === undefined) return undefined;
  const words = SELECTORS.flatMap(({ name }) => invocation.values(name).map((value) => `--${name} ${value}`));
  return { names, words: words.join(" ") };
}

/** One of the many files that are told as a number. */
function isDetail(path: string): boolean {
  return path.startsWith("api/v1/credentials/");
}

function resultText(model: ReportModel, { files }: Manifest, out: string): string {
  const { identity, scorecard, population } = model;
  const details = files.filter(({ path }) => isDetail(path)).length;
  const paths = files.filter(({ path }) => !isDetail(path)).map(({ path }) => path);
  return [
    `${counted(population.credentials, "credential")}, as of ${identity.asOf}.`,
    `Compliance: ${ratioText(scorecard.strict)} strict, ${ratioText(scorecard.adjusted)} with exceptions.`,
    `Written to ${out}:`,
    ...[...paths, "manifest.json"].map((path) => `  ${path}`),
    ...(details === 0 ? [] : [`  api/v1/credentials/ (${counted(details, "file")})`]),
    "",
  ].join("\n");
}
