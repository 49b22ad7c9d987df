import type { Command } from "../command.ts";
import { worstExit } from "../exit-code.ts";
import { chosen, failOn, json, lookFor, soundness } from "../looking.ts";
import { CLOCK, FAIL_ON, SELECTORS } from "../options.ts";
import { levelCell, stateCell } from "../state-style.ts";
import { renderTable, wrap } from "../table.ts";

export const evaluate: Command = {
  name: "evaluate",
  group: "Look",
  summary: "States, due dates and findings of everything that is registered.",
  args: [],
  options: [...SELECTORS, ...CLOCK, FAIL_ON],
  examples: [
    { line: "cre evaluate --fail-on critical", does: "Fail a pipeline on overdue credentials" },
    { line: "cre evaluate --as-of 2026-09-30", does: "How it stood at the end of the quarter" },
  ],
  run: async (invocation, context) => {
    const { evaluationReport } = await import("../../core/evaluate/evaluation-report.ts");
    const sight = await lookFor(invocation, context);
    const report = evaluationReport(sight.evaluation, await chosen(sight, invocation));
    const exit = worstExit([soundness(sight), failOn(invocation, report.findings)]);
    const { terminal } = context;
    if (invocation.value("format") === "json") {
      terminal.result(json(report));
      return exit;
    }
    const columns = [
      { title: "name", shrinksTo: 14 },
      { title: "state" },
      { title: "level" },
      { title: "due" },
      { title: "days", alignRight: true },
      { title: "policy", shrinksTo: 10 },
      { title: "exception", shrinksTo: 9 },
    ];
    const rows = report.credentials.map(({ name, state, level, dueAt, daysUntilDue, policy, exception }) => [
      name,
      stateCell(state),
      levelCell(level),
      dueAt?.slice(0, 10) ?? "-",
      daysUntilDue === null ? "-" : String(daysUntilDue),
      policy ?? "-",
      exception ?? "-",
    ]);
    terminal.result(renderTable(terminal, columns, rows));
    const width = Math.min(terminal.width, 100);
    for (const {
      level,
      code,
      credential,
      file,
      line,
      message,
      fix,
      waivedBy,
      fingerprint,
    } of report.findings) {
      const waived = waivedBy === null ? "" : terminal.style("dim", ` waived by ${waivedBy}`);
      const { style, text } = levelCell(level);
      const place = file === null ? "" : ` ${terminal.style("dim", `${file}:${line}`)}`;
      terminal.result(
        `\n${style === undefined ? text : terminal.style(style, text)} ${code} ${terminal.style("bold", credential ?? "(repository)")}${place}${waived} ${terminal.style("dim", fingerprint)}\n${wrap(message, width, "  ")}\n${wrap(`Fix: ${fix}`, width, "  ")}\n`,
      );
    }
    const { credentials, active, stale, expired, compromised, retired, compliance } = report.summary;
    const percent = (value: number | null): string =>
      value === null ? "none" : `${(value * 100).toFixed(1)} %`;
    terminal.result(
      `\n${credentials} credentials: ${active} active, ${stale} stale, ${expired} expired, ${compromised} compromised, ${retired} retired. Compliance ${percent(compliance.strict)} strict, ${percent(compliance.adjusted)} with exceptions, as of ${report.asOf}.\n`,
    );
    return exit;
  },
};
