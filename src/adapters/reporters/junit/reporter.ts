import type { Reporter, ReportFile } from "../../../core/ports/reporter.ts";
import { figuresOf } from "../../../core/report/figures.ts";
import type { CredentialRow, ReportModel } from "../../../core/report/report-schema.ts";
import { xmlText } from "../../../core/text/encode/xml.ts";

type Finding = ReportModel["findings"][number];

const LONGEST_TEXT = 2000;

/**
 * A test report: one case for each credential, which fails where exceptions do not make it compliant either, and one
 * for each finding of the repository. Retired credentials are skipped. All figures are properties.
 */
export const junitReporter: Reporter = {
  format: "junit",
  files: (model): Iterable<ReportFile> => [{ path: "report.junit.xml", content: documentOf(model) }],
};

interface Suite {
  readonly text: string;
  readonly tests: number;
  readonly failures: number;
  readonly skipped: number;
}

function documentOf(model: ReportModel): string {
  const stamp = model.identity.asOf.replace(/Z$/, "");
  const suites = [credentialSuite(model, stamp), repositorySuite(model, stamp)];
  const total = (of: (suite: Suite) => number): number => suites.reduce((sum, suite) => sum + of(suite), 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<testsuites name="credential rotation" tests="${total(({ tests }) => tests)}" failures="${total(({ failures }) => failures)}" errors="0" skipped="${total(({ skipped }) => skipped)}" time="0">\n`,
    ...suites.map(({ text }) => text),
    "</testsuites>\n",
  ].join("");
}

function credentialSuite(model: ReportModel, stamp: string): Suite {
  const findings = Map.groupBy(model.findings, ({ credential }) => credential);
  const cases = model.credentials.map((row) => credentialCase(row, findings.get(row.name) ?? []));
  return suiteOf("credentials", stamp, cases, propertiesOf(model));
}

function repositorySuite(model: ReportModel, stamp: string): Suite {
  const ofNobody = new Set(model.credentials.map(({ name }) => name));
  const cases = model.findings
    .filter(({ credential }) => credential === null || !ofNobody.has(credential))
    .map((finding) => {
      const name = `${finding.code} ${finding.fingerprint}`;
      const place = finding.credential ?? "repository";
      const failed = finding.waivedBy === null && isGrave(finding);
      return { name, place, body: bodyOf(failed, [finding]), failed, skipped: false };
    });
  return suiteOf("repository", stamp, cases, "");
}

interface Case {
  readonly name: string;
  readonly place: string;
  readonly body: string;
  readonly failed: boolean;
  readonly skipped: boolean;
}

function credentialCase(row: CredentialRow, findings: readonly Finding[]): Case {
  const skipped = row.state === "retired";
  const failed = !skipped && !row.compliantAdjusted;
  const body = `${skipped ? '<skipped message="retired"/>' : ""}${bodyOf(failed, findings)}`;
  return { name: row.name, place: row.service, body, failed, skipped };
}

function isGrave({ level }: Finding): boolean {
  return level === "critical" || level === "emergency";
}

/** The findings, each on a line with its fingerprint; as the failure's text where it failed. */
function bodyOf(failed: boolean, findings: readonly Finding[]): string {
  const lines = findings.map(lineOf).join("\n");
  if (!failed) return lines === "" ? "" : `<system-out>${lines}</system-out>`;
  const [first] = findings;
  const message = first === undefined ? "not compliant" : xmlText(first.message, LONGEST_TEXT);
  return `<failure message="${message}" type="${first?.code ?? "not-compliant"}">${lines}</failure>`;
}

function lineOf({ fingerprint, level, code, message, fix, file, line, waivedBy }: Finding): string {
  const place = file === null ? "" : ` (${file}:${line})`;
  const waived = waivedBy === null ? "" : ` [waived by ${waivedBy}]`;
  return xmlText(`${fingerprint} ${level} ${code}${waived}: ${message} ${fix}${place}`, LONGEST_TEXT);
}

function suiteOf(name: string, stamp: string, cases: readonly Case[], properties: string): Suite {
  const failures = cases.filter(({ failed }) => failed).length;
  const skipped = cases.filter((one) => one.skipped).length;
  const tests = cases.length;
  const lines = cases.map(
    (one) =>
      `    <testcase name="${xmlText(one.name)}" classname="${xmlText(one.place)}" time="0">${one.body}</testcase>\n`,
  );
  const text = [
    `  <testsuite name="${name}" tests="${tests}" failures="${failures}" errors="0" skipped="${skipped}" time="0" timestamp="${stamp}">\n`,
    properties,
    ...lines,
    "  </testsuite>\n",
  ].join("");
  return { text, tests, failures, skipped };
}

function propertiesOf(model: ReportModel): string {
  const { warnings, ...facts } = model.identity;
  const known = Object.entries(facts).flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
  const rows: readonly (readonly string[])[] = [
    ...warnings.map((warning) => ["warning", warning]),
    ...known,
    ["audit chain", model.health.chain.verdict],
    ...figuresOf(model).map(({ name, value }) => [name, String(value)]),
  ];
  const lines = rows.map(
    ([name = "", value = ""]) =>
      `      <property name="${xmlText(name)}" value="${xmlText(value, LONGEST_TEXT)}"/>\n`,
  );
  return `    <properties>\n${lines.join("")}    </properties>\n`;
}
