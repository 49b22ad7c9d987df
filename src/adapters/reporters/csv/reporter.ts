import type { Reporter, ReportFile } from "../../../core/ports/reporter.ts";
import { figuresOf } from "../../../core/report/figures.ts";
import type { ReportModel } from "../../../core/report/report-schema.ts";
import { csvRow } from "../../../core/text/encode/csv.ts";
import { type Column, column } from "./column.ts";
import { credentialColumns } from "./credential-columns.ts";

/** Spreadsheet programs take a file without it for one in the code page of their country. */
const BYTE_ORDER_MARK = "\ufeff";

/** One file for each list of the report, and `summary.csv` with its figures: RFC 4180, UTF-8, never a formula. */
export const csvReporter: Reporter = {
  format: "csv",
  files: function* (model): Iterable<ReportFile> {
    yield file("summary", SUMMARY, summaryOf(model));
    yield file("credentials", credentialColumns, model.credentials);
    yield file("findings", FINDINGS, model.findings);
    yield file("rotations", ROTATIONS, model.rotations);
    yield file("timeline", TIMELINE, model.timeline.dueDates);
    yield file("exceptions", EXCEPTIONS, model.exceptions);
    yield file("incidents", INCIDENTS, model.incidents);
    yield file("holds", HOLDS, model.holds);
  },
};

function file<Row>(name: string, columns: readonly Column<Row>[], rows: readonly Row[]): ReportFile {
  const lines = [csvRow(columns.map(({ title }) => title))];
  for (const row of rows) lines.push(csvRow(columns.map(({ of }) => of(row))));
  return { path: `csv/${name}.csv`, content: `${BYTE_ORDER_MARK}${lines.join("")}` };
}

interface SummaryRow {
  readonly name: string;
  readonly value: string | number | null;
}

const SUMMARY = [column<SummaryRow>("figure", "name"), column<SummaryRow>("value", "value")];

/** Every warning is a row of its own, before the figures. */
function summaryOf(model: ReportModel): readonly SummaryRow[] {
  const { identity, health, scorecard } = model;
  const { warnings, ...facts } = identity;
  return [
    ...warnings.map((value) => ({ name: "warning", value })),
    ...Object.entries(facts).map(([name, value]) => ({ name, value })),
    { name: "audit chain", value: health.chain.verdict },
    { name: "newest entry", value: health.newestEntry?.time ?? null },
    ...figuresOf(model),
    { name: "strict.fraction", value: scorecard.strict.fraction },
    { name: "adjusted.fraction", value: scorecard.adjusted.fraction },
  ];
}

type Finding = ReportModel["findings"][number];
const FINDINGS: readonly Column<Finding>[] = [
  column("fingerprint", "fingerprint"),
  column("code", "code"),
  column("level", "level"),
  column("credential", "credential"),
  column("policy", "policy"),
  column("waived by", "waivedBy"),
  column("message", "message"),
  column("fix", "fix"),
  column("file", "file"),
  column("line", "line"),
];

type Rotation = ReportModel["rotations"][number];
const ROTATIONS: readonly Column<Rotation>[] = [
  column("credential", "credential"),
  column("rotation", "rotation"),
  column("reason", "reason"),
  column("emergency", "emergency"),
  column("step", "step"),
  column("stands", "stands"),
  column("since", "since"),
  column("waits for", "waitsFor"),
  column("until", "until"),
  { title: "helps", of: ({ help }) => help.join(" | ") },
];

type DueDate = ReportModel["timeline"]["dueDates"][number];
const TIMELINE: readonly Column<DueDate>[] = [
  column("due at", "dueAt"),
  column("days", "days"),
  column("span", "span"),
  column("credential", "credential"),
  column("service", "service"),
  column("team", "team"),
  column("method", "method"),
  column("policy", "policy"),
  column("exception", "exception"),
];

type Exception = ReportModel["exceptions"][number];
const EXCEPTIONS: readonly Column<Exception>[] = [
  column("exception", "name"),
  column("about", "about"),
  column("covers", "covers"),
  column("waives", "waives"),
  column("starts at", "startsAt"),
  column("expires at", "expiresAt"),
  column("phase", "phase"),
  column("counts", "counts"),
  column("why", "why"),
  column("requested by", "requestedBy"),
  column("declared approver", "declaredApprover"),
  column("verdict", "verdict"),
  { title: "approvers", of: ({ approvers }) => approvers.join(" | ") },
  column("approved at", "approvedAt"),
  column("change", "change"),
  column("justification", "justification"),
  column("compensating controls", "compensatingControls"),
  column("file", "file"),
  column("line", "line"),
];

type Incident = ReportModel["incidents"][number];
const INCIDENTS: readonly Column<Incident>[] = [
  column("incident", "id"),
  column("credential", "credential"),
  column("at", "at"),
  column("by", "by"),
  column("standing", "standing"),
  column("reason", "reason"),
];

type Hold = ReportModel["holds"][number];
const HOLDS: readonly Column<Hold>[] = [
  column("hold", "id"),
  column("covers", "covers"),
  column("until", "until"),
  column("by", "by"),
  column("reason", "reason"),
];
