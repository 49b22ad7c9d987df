import { worstExit } from "../../core/model/exit-code.ts";
import { counted } from "../../core/text/counted.ts";
import type { Command } from "../command.ts";
import { failOn, json, lookOptions } from "../looking.ts";
import { FAIL_ON } from "../options.ts";
import { tellProblems } from "../problem-lines.ts";

const FORMATS = ["text", "json", "markdown"] as const;

export const impact: Command = {
  name: "impact",
  group: "Look",
  summary: "What a change does to compliance: the pull-request comment.",
  detail: [
    "Compares the work tree with the branch point of REF and HEAD, both judged by the same records and the same clock: what becomes compliant or fails, which due dates move and why, which rotations follow, and which changes are of high risk. Needs no network and no secret. --format markdown is the comment.",
    "New exceptions count as if another person had approved them. Invalid documents count as unchanged, are listed, and make it exit 2.",
  ],
  args: [],
  options: [
    {
      name: "since",
      value: "REF",
      required: true,
      summary: "Commit, branch or tag that the change is to be merged into.",
    },
    {
      name: "format",
      value: "FORMAT",
      choices: FORMATS,
      summary: "text (default), json or markdown.",
    },
    { name: "now", value: "INSTANT", summary: "Another clock: what if." },
    { ...FAIL_ON, summary: "Exit 1 when a finding at this level or above appears." },
  ],
  examples: [
    { line: "cre impact --since origin/main", does: "What my branch changes" },
    {
      line: "cre impact --since origin/main --format markdown --output comment.md",
      does: "The comment of a pull request",
    },
  ],
  run: async (invocation, context) => {
    const { impactOf } = await import("../../app/looking/impact.ts");
    const since = invocation.value("since") ?? "";
    const { report, unreadable } = await impactOf(lookOptions(invocation, context), since);
    const { terminal } = context;
    tellProblems(terminal, report.problems);
    if (report.problems.length > 0) {
      terminal.warn(
        `${counted(report.problems.length, "problem")} in documents: what they are about counts as unchanged.`,
      );
    }
    for (const { path, problem } of unreadable) {
      terminal.warn(`The record ${path} cannot be read: ${problem}.`);
    }
    for (const note of report.notes) terminal.warn(`Note: ${note}`);
    switch (invocation.value("format")) {
      case "json":
        terminal.result(json(report));
        break;
      case "markdown": {
        const { impactComment } = await import("../../app/looking/impact-comment.ts");
        terminal.result(impactComment(report));
        break;
      }
      default: {
        const { impactText } = await import("../impact-text.ts");
        terminal.result(impactText(report, terminal));
      }
    }
    return worstExit([
      report.problems.length > 0 ? 2 : 0,
      unreadable.length > 0 ? 3 : 0,
      failOn(invocation, report.findings.appeared),
    ]);
  },
};
