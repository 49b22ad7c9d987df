import type { Command } from "../command.ts";
import { json, lookOptions } from "../looking.ts";

export const validate: Command = {
  name: "validate",
  group: "Look",
  summary: "Check every document: syntax, schema, cross references, secret-looking values.",
  detail: [
    "Reads the work tree and needs no network. Every problem of every file is listed with its place and its fix.",
  ],
  args: [],
  options: [
    { name: "since", value: "REF", summary: "Report only on documents that changed since this commit." },
  ],
  examples: [
    { line: "cre validate", does: "Check everything before a commit" },
    { line: "cre validate --since origin/main", does: "Check what a pull request changes" },
  ],
  run: async (invocation, context) => {
    const { lookAtDocuments, changedSince } = await import("../../app/looking/look-around.ts");
    const { problemsReport } = await import("../../app/looking/problems-report.ts");
    const options = lookOptions(invocation, context);
    const sight = await lookAtDocuments(options);
    const since = invocation.value("since");
    const files = since === undefined ? undefined : await changedSince(options, since);
    const report = problemsReport(sight, files);
    const { terminal } = context;
    if (invocation.value("format") === "json") {
      terminal.result(json(report));
    } else {
      for (const { file, line, column, code, message, fix } of report.problems) {
        terminal.result(
          `${terminal.style("bold", `${file}:${line}:${column}`)} ${terminal.style("red", code)} ${message}\n    Fix: ${fix}\n`,
        );
      }
      for (const { file, line, message } of sight.warnings)
        terminal.result(`${file}:${line} ${terminal.style("yellow", "warning")} ${message}\n`);
      for (const { file, line, reason } of sight.allowances)
        terminal.result(
          `${file}:${line} ${terminal.style("yellow", "allowed")} secret-looking text: ${reason}\n`,
        );
      terminal.result(
        report.ok
          ? `${report.documents} documents are valid.\n`
          : `${report.problems.length} problem${report.problems.length === 1 ? "" : "s"} in ${report.documents} documents.\n`,
      );
    }
    return report.ok ? 0 : 2;
  },
};
