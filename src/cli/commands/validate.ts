import { counted } from "../../core/text/counted.ts";
import type { Command } from "../command.ts";
import { json, lookOptions, tellDifference, wantsJson } from "../looking.ts";
import { AS_OF } from "../options.ts";
import { problemLines } from "../problem-lines.ts";

export const validate: Command = {
  name: "validate",
  group: "Look",
  summary: "Check every document: syntax, schema, cross references, secret-looking values.",
  detail: [
    "Reads the work tree and needs no network. Every problem of every file is listed with its place and its fix, and so is every line on which people allowed what looks like a secret. Exit 2 with any problem.",
    "With --since only documents count that changed since the branch point of REF and HEAD, and problems elsewhere that these changes caused.",
  ],
  args: [],
  options: [
    { name: "since", value: "REF", summary: "Only documents that changed since this commit." },
    AS_OF,
  ],
  examples: [
    { line: "cre validate", does: "Check everything before a commit" },
    { line: "cre validate --since origin/main", does: "Check what a pull request changes" },
  ],
  run: async (invocation, context) => {
    const { validation } = await import("../../app/looking/validation.ts");
    const found = await validation(lookOptions(invocation, context), invocation.value("since"));
    const { report, warnings, allowances } = found;
    const { terminal } = context;
    tellDifference(found, context);
    if (wantsJson(invocation)) {
      terminal.result(json(report));
      return report.ok ? 0 : 2;
    }
    terminal.result(problemLines(terminal, report.problems));
    for (const { file, line, column, code, message, fix } of warnings) {
      const place = `${file}:${line}:${column} ${terminal.style("yellow", `warning ${code}`)}`;
      terminal.result(`${place} ${message}\n    Fix: ${fix}\n`);
    }
    for (const { file, line, reason } of allowances) {
      terminal.result(`${file}:${line} ${terminal.style("yellow", "allowed")} secret-looking: ${reason}\n`);
    }
    const documents = counted(report.documents, "document");
    terminal.result(
      report.ok
        ? `${documents}, no problem.\n`
        : `${documents}, ${terminal.style("red", counted(report.problems.length, "problem"))}.\n`,
    );
    return report.ok ? 0 : 2;
  },
};
