import type { CheckRow, ComplianceReport } from "../../core/compliance/compliance-report.ts";
import { worstExit } from "../../core/model/exit-code.ts";
import { counted } from "../../core/text/counted.ts";
import type { Command } from "../command.ts";
import { json, lookOptions, soundness, tellDifference, wantsJson } from "../looking.ts";
import { CLOCK, PERIOD } from "../options.ts";
import { tellProblems } from "../problem-lines.ts";
import { renderTable, wrap } from "../table.ts";
import type { Style, Terminal } from "../terminal.ts";

type Framework = ComplianceReport["frameworks"][number];
type Status = CheckRow["status"];

const CONTROL_COLUMNS = [
  { title: "control" },
  { title: "fit" },
  { title: "status" },
  { title: "checks", shrinksTo: 8 },
  { title: "asks for", shrinksTo: 20 },
] as const;
const CHECK_COLUMNS = [
  { title: "check" },
  { title: "status" },
  { title: "holds", alignRight: true },
  { title: "adjusted", alignRight: true },
  { title: "what", shrinksTo: 20 },
] as const;
/** Failures of one check that the text shows; all of them are in the JSON. */
const SHOWN = 10;
const STYLES: Readonly<Partial<Record<Status, Style>>> = { pass: "green", fail: "red", exception: "yellow" };

export const controls: Command = {
  name: "controls",
  group: "Prove",
  summary: "Checks of the credentials' whole life, and the controls of frameworks that they speak to.",
  detail: [
    "Carries out checks on documents, records and the audit trail, and joins them to the controls of the frameworks that `reports.frameworks` of the settings names (default soc2, iso27001, pci-dss). It measures against the organisation's own policies and says what the evidence supports; whether a control is met, an assessor judges.",
    "`not measured` and `no population` are no pass. The page on compliance says what each check counts and what it does not evidence. Exit 3 when the audit chain is broken.",
  ],
  args: [],
  options: [
    {
      name: "framework",
      value: "ID",
      many: true,
      summary:
        "Only this framework: soc2, iso27001, pci-dss, nist-800-53, cis-aws, hipaa, nis2, dora, or one of your own.",
    },
    PERIOD,
    ...CLOCK,
  ],
  examples: [
    { line: "cre controls --framework soc2", does: "What the evidence says about each SOC 2 criterion" },
    {
      line: "cre controls --as-of 2026-09-30 --format json",
      does: "All results of the end of a quarter, for other tools",
    },
    {
      line: "cre controls --period 2026-Q3",
      does: "How checks held throughout a quarter: due dates, rotations, compromises, changes",
    },
  ],
  run: async (invocation, context) => {
    const { lookAtCompliance } = await import("../../app/looking/compliance.ts");
    const { terminal } = context;
    const words = invocation.value("period");
    const { sight, report, warnings } = await lookAtCompliance(
      lookOptions(invocation, context),
      invocation.values("framework"),
      words === undefined ? undefined : { words, step: (text) => terminal.note(text) },
    );
    for (const warning of warnings ?? []) terminal.warn(warning);
    tellDifference(sight, context);
    tellProblems(terminal, sight.problems);
    for (const { path, problem } of sight.state.unreadable ?? []) {
      terminal.warn(`The record ${path} of the branch ${sight.state.branch} cannot be read: ${problem}.`);
    }
    terminal.result(wantsJson(invocation) ? json(report) : controlsText(report, terminal));
    const broken = report.checks.some(({ name, status }) => name === "audit_chain" && status === "fail");
    return worstExit([soundness(sight), broken ? 3 : 0]);
  },
};

function controlsText(report: ComplianceReport, terminal: Terminal): string {
  const registry = [
    terminal.style("bold", `Checks of the whole registry, as of ${report.asOf}`),
    "",
    checksText(report.checks, terminal),
  ];
  return [...registry, ...report.frameworks.flatMap((framework) => frameworkText(framework, terminal))].join(
    "\n",
  );
}

function frameworkText(framework: Framework, terminal: Terminal): readonly string[] {
  const { id, title, version, caveat, credentials, checks, controls } = framework;
  const rows = controls.map(({ id, fit, status, checks, title }) => [
    id,
    fit,
    statusCell(status),
    checks.map(({ check }) => check).join(" "),
    title,
  ]);
  return [
    terminal.style("bold", `${title}, ${version} (${id}): ${counted(credentials, "credential")} in scope`),
    ...(caveat === null ? [] : [wrap(caveat, terminal.width)]),
    "",
    renderTable(terminal, CONTROL_COLUMNS, rows),
    ...(checks === null ? [] : ["Checks of its scope", "", checksText(checks, terminal)]),
  ];
}

function checksText(checks: readonly CheckRow[], terminal: Terminal): string {
  const rows = checks.map(({ check, status, numerator, adjusted, denominator, title }) => [
    check,
    statusCell(status),
    ratio(numerator, denominator),
    ratio(adjusted, denominator),
    title,
  ]);
  return [
    renderTable(terminal, CHECK_COLUMNS, rows),
    ...checks.flatMap((row) => failureLines(row, terminal)),
  ].join("\n");
}

function failureLines(
  { check, name, failing, status, evidence }: CheckRow,
  terminal: Terminal,
): readonly string[] {
  if (failing.length === 0) {
    return status === "not-measured"
      ? [wrap(`${check} ${name} is not measured: ${evidence}`, terminal.width), ""]
      : [];
  }
  const more = failing.length - SHOWN;
  return [
    `${terminal.style("bold", `${check} ${name}`)}: ${failing.length} do not hold`,
    ...failing
      .slice(0, SHOWN)
      .map(({ id, why, exception }) =>
        wrap(`${id}: ${why}${exception === null ? "" : ` (accepted by ${exception})`}`, terminal.width, "  "),
      ),
    ...(more > 0 ? [`  and ${more} more (--format json has all)`] : []),
    "",
  ];
}

function statusCell(status: Status): { readonly text: string; readonly style?: Style } {
  const style = STYLES[status];
  return { text: status.replace("-", " "), ...(style === undefined ? {} : { style }) };
}

function ratio(numerator: number | null, denominator: number | null): string {
  return numerator === null || denominator === null ? "-" : `${numerator}/${denominator}`;
}
