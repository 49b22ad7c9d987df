import type { FindingCode, Level } from "../../../core/evaluate/finding.ts";
import type { Reporter, ReportFile } from "../../../core/ports/reporter.ts";
import { figuresOf } from "../../../core/report/figures.ts";
import type { ReportModel } from "../../../core/report/report-schema.ts";
import { plainLine } from "../../../core/text/plain-line.ts";
import { RULE_TITLES } from "./rule-titles.ts";

type Finding = ReportModel["findings"][number];

/** What GitHub's code scanning takes of one run; files may have 10 MB when compressed, and this one has them before. */
const MOST_RESULTS = 25_000;
const MOST_BYTES = 10_000_000;
/** Left for everything beside the results. */
const FRAME_BYTES = 100_000;
const LONGEST_TEXT = 2000;

const SARIF_LEVELS: Readonly<Record<Level, string>> = {
  none: "note",
  warning: "warning",
  critical: "error",
  emergency: "error",
};

/** Where findings of the repository as a whole are shown: code scanning takes none without a place. */
const NOWHERE = "policies";

/**
 * SARIF 2.1.0 for code scanning: one result for each finding, waived ones with their suppression. Beyond the caps the
 * least important are left out, and a notification counts them.
 */
export const sarifReporter: Reporter = {
  format: "sarif",
  files: (model): Iterable<ReportFile> => [{ path: "report.sarif", content: logOf(model) }],
};

function logOf(model: ReportModel): string {
  const codes = Object.keys(RULE_TITLES).toSorted();
  const indices = new Map(codes.map((code, index) => [code, index]));
  const justifications = new Map(model.exceptions.map(({ name, justification }) => [name, justification]));
  const results = withinCaps(model.findings, (finding) => resultOf(finding, indices, justifications));
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "credential-rotation-enforcer", rules: codes.map(ruleOf) } },
        automationDetails: { id: "credential-rotation-enforcer/" },
        invocations: [invocationOf(model, results.length)],
        columnKind: "utf16CodeUnits",
        results,
        properties: propertiesOf(model),
      },
    ],
  };
  return `${JSON.stringify(log)}\n`;
}

function withinCaps<T>(findings: readonly Finding[], make: (finding: Finding) => T): readonly T[] {
  const results: T[] = [];
  let bytes = FRAME_BYTES;
  for (const finding of findings.slice(0, MOST_RESULTS)) {
    const result = make(finding);
    bytes += Buffer.byteLength(JSON.stringify(result)) + 1;
    if (bytes > MOST_BYTES) break;
    results.push(result);
  }
  return results;
}

function ruleOf(code: string): unknown {
  // `as`: the codes are the keys of that table.
  const text = RULE_TITLES[code as FindingCode];
  return { id: code, shortDescription: { text }, properties: { tags: ["security", "credentials"] } };
}

function resultOf(
  { code, level, message, fix, file, line, fingerprint, waivedBy, credential, policy }: Finding,
  indices: ReadonlyMap<string, number>,
  justifications: ReadonlyMap<string, string>,
): unknown {
  return {
    ruleId: code,
    ruleIndex: indices.get(code) ?? -1,
    level: SARIF_LEVELS[level],
    message: { text: messageText(`${message} Fix: ${fix}`) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file ?? NOWHERE) },
          region: { startLine: line ?? 1 },
        },
      },
    ],
    // The first is what code scanning tells results apart by: it stays the same when lines move.
    partialFingerprints: { primaryLocationLineHash: fingerprint, "creFinding/v1": fingerprint },
    suppressions: waivedBy === null ? [] : [suppressionOf(waivedBy, justifications.get(waivedBy))],
    properties: { level, credential, policy },
  };
}

function suppressionOf(exception: string, justification: string | undefined): unknown {
  const why = justification === undefined ? "" : `: ${justification}`;
  return {
    kind: "external",
    status: "accepted",
    justification: plainLine(`exception ${exception}${why}`, LONGEST_TEXT),
  };
}

/** Square brackets before round ones would be a link. */
function messageText(text: string): string {
  return plainLine(text, LONGEST_TEXT).replaceAll("](", "] (");
}

function uriOf(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

function invocationOf({ identity, findings }: ReportModel, shown: number): unknown {
  const leftOut = findings.length - shown;
  const cut =
    leftOut === 0
      ? []
      : [`${leftOut} of ${findings.length} findings are left out: the file would be too large.`];
  return {
    executionSuccessful: true,
    toolExecutionNotifications: [...identity.warnings, ...cut].map((text) => ({
      level: "warning",
      message: { text: messageText(text) },
    })),
  };
}

function propertiesOf(model: ReportModel): Readonly<Record<string, unknown>> {
  const { warnings: _warnings, ...identity } = model.identity;
  const figures = Object.fromEntries(figuresOf(model).map(({ name, value }) => [name, value]));
  return { ...identity, auditChain: model.health.chain.verdict, figures };
}
