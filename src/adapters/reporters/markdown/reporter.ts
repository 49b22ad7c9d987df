import type { Reporter, ReportFile } from "../../../core/ports/reporter.ts";
import { figuresOf } from "../../../core/report/figures.ts";
import { ratioText } from "../../../core/report/ratio-text.ts";
import type { CredentialRow, ReportModel } from "../../../core/report/report-schema.ts";
import { worstFirst } from "../../../core/report/worst-first.ts";
import { markdownCode, markdownText } from "../../../core/text/encode/markdown.ts";
import { addCriteria } from "./criteria.ts";
import { addDiscovery } from "./discovery.ts";
import { Page } from "./page.ts";
import { addPeriod } from "./period.ts";

/** One page for people who look: for a repository or the page of a run. It is bounded; what does not fit is counted. */
export const markdownReporter: Reporter = {
  format: "markdown",
  files: (model): Iterable<ReportFile> => [{ path: "report.md", content: pageOf(model) }],
};

function pageOf(model: ReportModel): string {
  const { scorecard, population, timeline, rotations, exceptions, findings } = model;
  const page = new Page(`${frontOf(model)}\n`);
  page.table(
    "Figures",
    ["Figure", "Value"],
    figuresOf(model).map(({ name, value }) => [name, String(value)]),
    false,
  );
  page.table(
    "By type",
    ["Type", "Credentials", "Strict", "With exceptions"],
    scorecard.types.map(({ value, credentials, strict, adjusted }) => [
      value,
      String(credentials),
      ratioText(strict),
      ratioText(adjusted),
    ]),
  );
  page.table(
    "Open rotations",
    ["Credential", "Step", "Stands", "Waits for", "Until", "Helps"],
    rotations.map(({ credential, step, stands, waitsFor, until, help }) => [
      credential,
      step ?? "-",
      stands,
      waitsFor,
      until ?? "-",
      help.join("; ") || "-",
    ]),
  );
  page.table(
    "Findings",
    ["Level", "Code", "Credential", "Problem", "Waived by"],
    findings.map(({ level, code, credential, message, waivedBy }) => [
      level,
      code,
      credential ?? "(repository)",
      message,
      waivedBy ?? "-",
    ]),
  );
  page.table(
    "Credentials, the worst first",
    ["Credential", "State", "Due", "Last rotated", "Team", "Service", "Policy", "Exception", "Access"],
    worstFirst(model.credentials).map(credentialCells),
  );
  page.table(
    "Due within 90 days",
    ["Span", "Credentials"],
    timeline.spans.map(({ span, credentials }) => [
      span === "overdue" ? span : `${span} days`,
      String(credentials),
    ]),
  );
  page.table(
    "Upcoming rotations",
    ["Due", "Days", "Credential", "Team", "Method"],
    timeline.dueDates.map(({ dueAt, days, credential, team, method }) => [
      dueAt,
      String(days),
      credential,
      team,
      method,
    ]),
  );
  page.table(
    "Exceptions register",
    ["Exception", "About", "Covers", "Until", "Counts", "Why", "Requested by", "Approved by"],
    exceptions.map((row) => [
      row.name,
      row.about,
      String(row.covers),
      row.expiresAt,
      row.counts ? "yes" : "no",
      row.why,
      row.requestedBy,
      row.approvers.length > 0 ? row.approvers.join(", ") : (row.declaredApprover ?? "-"),
    ]),
  );
  page.table(
    "Incidents",
    ["At", "Credential", "Standing", "By", "Reason"],
    model.incidents.map(({ at, credential, standing, by, reason }) => [at, credential, standing, by, reason]),
  );
  page.table(
    "Holds in force",
    ["Hold", "Covers", "Until", "By", "Reason"],
    model.holds.map(({ id, covers, until, by, reason }) => [id, covers, until ?? "-", by ?? "-", reason]),
  );
  addPeriod(page, model);
  addDiscovery(page, model);
  addCriteria(page, model);
  if (population.credentials > 0) {
    page.text("Access is what documents declare; who can read the stores is not looked at.");
  }
  return page.toString();
}

/** What must be read before the first number. */
function frontOf({ identity, health, scorecard, population }: ReportModel): string {
  const { repository, commit, stateCommit, asOf, selection, period, periodFrom, periodTo, warnings } =
    identity;
  const { chain, newestEntry, schedule } = health;
  const compared = chain.comparedWithCommits ? ", compared with every recorded head" : "";
  const lines = [
    "# Credential rotation report",
    "",
    ...warnings.flatMap((warning) => [`> **Note:** ${markdownText(warning, 1000)}`, ""]),
    `As of ${asOf}${repository === null ? "" : `, ${markdownText(repository)}`}, documents ${commitText(commit)}, records ${commitText(stateCommit)}.`,
    ...(period === null
      ? []
      : ["", `Period ${markdownText(period)}: from ${periodFrom} until before ${periodTo}.`]),
    ...(selection === null ? [] : ["", `Only credentials chosen by ${markdownCode(selection)}.`]),
    "",
    `**Compliance: ${ratioText(scorecard.strict)} strict, ${ratioText(scorecard.adjusted)} with exceptions**, of ${population.credentials} credentials.`,
    "",
    `Audit chain: ${chain.verdict}, ${chain.entries} entries${compared}. Newest entry: ${newestEntry?.time ?? "none"}; the schedule says every ${schedule}.`,
  ];
  return `${lines.join("\n")}\n`;
}

function commitText(commit: string | null): string {
  return commit === null ? "(none)" : markdownCode(commit.slice(0, 12));
}

function credentialCells(row: CredentialRow): readonly string[] {
  return [
    row.name,
    row.state,
    row.dueAt === null ? "-" : `${row.dueAt.slice(0, 10)} (${row.daysUntilDue} days)`,
    `${row.lastRotatedAt.slice(0, 10)}, ${row.lastRotatedSource}`,
    row.team,
    row.service,
    row.policy ?? "-",
    row.exception ?? "-",
    row.access === null
      ? "not declared"
      : row.access.map(({ principal }) => principal).join(", ") || "nobody",
  ];
}
